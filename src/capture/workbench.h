#pragma once
// What the handlers of one reactor work with: the shared rooms, the turn being staged, and reused memory. One thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "capture/capture.h"
#include "capture/conversion_parser.h"
#include "capture/event_splitter.h"
#include "capture/identity.h"
#include "capture/impression_parser.h"
#include "capture/json_reader.h"
#include "capture/link_signature.h"
#include "capture/parameters.h"
#include "capture/request_facts.h"
#include "capture/turn.h"
#include "crypto/sha256.h"

namespace tallystick::capture {

struct Workbench {
  explicit Workbench(Capture& shared);

  Capture& capture;
  std::shared_ptr<const crypto::HmacKey> pepper;  // never rotates
  Turn* turn = nullptr;                           // the one being staged

  PaddedBody body;
  SplitBody split;
  ImpressionParser impressions;
  ConversionParser conversions;
  LinkReader link;
  ParameterList parameters;
  std::string fields;
  std::string personal;

  // Stages what `fields` and the given personal part hold, and returns the position in the batch.
  std::uint32_t stage(journal::RecordKind kind,
                      journal::DedupeWindow window,
                      const base::Uuid& event_id,
                      base::Timestamp received_at,
                      const journal::Personal& who);

  // A refused event: its dead letter goes into the same batch.
  std::uint32_t stage_dead_letter(Endpoint endpoint,
                                  const EventFault& fault,
                                  const base::Uuid& event_id,
                                  std::string_view raw,
                                  base::Timestamp received_at,
                                  const journal::Personal& who);

  // Rate-limited; raises an alert with the record.
  void report_security(SecurityEventType type,
                       std::string_view detail,
                       const CatalogPartner* partner,
                       base::Timestamp now);

  // Of what a server reported: there is no visitor's request to judge.
  [[nodiscard]] journal::Verdict judge_conversion(const base::Uuid& event_id,
                                                  const base::Uuid& partner_id,
                                                  std::string_view partner_slug,
                                                  base::Timestamp now);

  // 0, or microseconds until this client may ask again.
  [[nodiscard]] std::int64_t throttle_client(const base::IpAddress& client, const Rate& rate);
};

// Answers at once with problem details; Retry-After is added to 429 and 503.
void answer_problem(http::Reply& reply,
                    const base::Error& error,
                    std::string_view path,
                    std::int64_t retry_after_us = 0);

// The endpoints. Each stages its records in the workbench's turn, or answers at once.
void handle_impressions(Workbench& bench, const http::RequestView& request, ImpressionForm form, http::Reply reply);
void handle_conversions(Workbench& bench, const http::RequestView& request, http::Reply reply);
void handle_click(Workbench& bench,
                  const http::RequestView& request,
                  const std::vector<http::PathParameter>& parameters,
                  http::Reply reply);
void handle_postback(Workbench& bench, const http::RequestView& request, std::string_view partner, http::Reply reply);

}  // namespace tallystick::capture
