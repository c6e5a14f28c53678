#pragma once
// A journal in a temporary directory, on a clock that is moved by hand, and shorthands to fill it with events.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/random.h"
#include "crypto/ed25519.h"
#include "journal/codec.h"
#include "journal/journal.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::warehouse {

// "e0...00<number>"
inline base::Uuid id_of(std::uint64_t number) {
  base::Uuid id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  id.bytes[0] = 0xE0;
  return id;
}

class LogTest : public testing::Test {
 protected:
  LogTest() : key_(crypto::Ed25519Seed{1, 2, 3}) {
    journal::Options options;
    options.directory = directory_.path() / "journal";
    auto opened = journal::Journal::open(options, clock_, random_, key_);
    if (!opened) {
      throw std::runtime_error(opened.error().message);
    }
    journal_ = *std::move(opened);
  }

  // The sequence number of the record.
  template <typename Event>
  std::uint64_t append(journal::RecordKind kind, const Event& event, const journal::Personal& who = {}) {
    std::string fields;
    journal::encode(event, fields);
    std::string personal;
    if (!who.is_empty()) {
      journal::encode(who, personal);
    }
    const auto done =
        journal_->append({kind, journal::DedupeWindow::kNone, id_of(++last_id_), clock_.now()}, fields, personal);
    if (!done) {
      throw std::runtime_error(done.error().message);
    }
    return *done;
  }
  std::uint64_t append(const journal::Impression& event, const journal::Personal& who = {}) {
    return append(journal::RecordKind::kImpression, event, who);
  }
  std::uint64_t append(const journal::Click& event, const journal::Personal& who = {}) {
    return append(journal::RecordKind::kClick, event, who);
  }
  std::uint64_t append(const journal::Conversion& event, const journal::Personal& who = {}) {
    return append(journal::RecordKind::kConversion, event, who);
  }
  std::uint64_t revise(std::uint64_t sequence,
                       journal::VerdictClass verdict_class,
                       journal::RecordKind event_kind = journal::RecordKind::kClick) {
    journal::VerdictRevision event;
    event.sequence = sequence;
    event.event_kind = event_kind;
    event.verdict.klass = verdict_class;
    event.detector = "backtest:1";
    return append(journal::RecordKind::kVerdictRevision, event);
  }
  std::uint64_t append(const journal::Forwarding& event) { return append(journal::RecordKind::kForwarding, event); }
  std::uint64_t append(const journal::Erasure& event) { return append(journal::RecordKind::kErasure, event); }

  static journal::Personal person(std::string_view user, std::string_view session) {
    journal::Personal who;
    if (!user.empty()) {
      who.user = crypto::sha256(user);
    }
    if (!session.empty()) {
      who.session = crypto::sha256(session);
    }
    return who;
  }

  support::TemporaryDirectory directory_;
  base::ManualClock clock_{base::Timestamp{1'790'000'000'000'000}};  // 2026-09-21T14:13:20Z
  base::SystemRandom random_;
  crypto::Ed25519Key key_;
  std::unique_ptr<journal::Journal> journal_;
  std::uint64_t last_id_ = 0;
};

}  // namespace tallystick::warehouse
