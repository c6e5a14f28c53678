#pragma once
// The real server, journal, judge and workers on a free port, with a catalog made by hand, driven through real sockets.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/time.h"
#include "base/uuid.h"
#include "capture/capture.h"
#include "capture/catalog.h"
#include "capture/link_signature.h"
#include "crypto/ed25519.h"
#include "crypto/key_ring.h"
#include "http/server.h"
#include "journal/codec.h"
#include "journal/journal.h"
#include "quality/judge.h"
#include "tests/support/raw_http.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::capture {

inline constexpr std::string_view kPlacementId = "0192f0c1-0000-7000-8000-000000000001";
inline constexpr std::string_view kTokenPlacementId = "0192f0c1-0000-7000-8000-000000000002";
inline constexpr std::string_view kMerchantId = "0192f0c1-0000-7000-8000-000000000003";
inline constexpr std::string_view kUnitId = "0192f0c1-0000-7000-8000-000000000004";
inline constexpr std::string_view kBrowser =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
inline constexpr std::string_view kApiKey = "tsk_conversions";
inline constexpr std::string_view kReadOnlyKey = "tsk_readonly";

// A link of partner `acme` unless stated otherwise.
struct LinkParts {
  std::string partner = "acme";
  std::string link = "shoes";
  std::string event_id = "0192f0c1-1111-7000-8000-000000000001";
  std::int64_t lifetime_us = base::kMicrosPerHour;
  std::vector<std::pair<std::string, std::string>> parameters = {};
};

// A record read back, with its strings owned.
struct StoredRecord {
  std::uint64_t sequence = 0;
  journal::RecordKind kind{};
  base::Uuid event_id;
  std::string fields;
  std::string personal;

  [[nodiscard]] journal::Click click() const { return journal::decode_click(fields).value(); }
  [[nodiscard]] journal::Impression impression() const { return journal::decode_impression(fields).value(); }
  [[nodiscard]] journal::Conversion conversion() const { return journal::decode_conversion(fields).value(); }
  [[nodiscard]] journal::DeadLetter dead_letter() const { return journal::decode_dead_letter(fields).value(); }
};

class FixedCatalog final : public CatalogSource {
 public:
  [[nodiscard]] std::shared_ptr<const Catalog> catalog() const override {
    const std::lock_guard lock(mutex_);
    return catalog_;
  }
  void set(std::shared_ptr<const Catalog> catalog) {
    const std::lock_guard lock(mutex_);
    catalog_ = std::move(catalog);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Catalog> catalog_ = std::make_shared<const Catalog>();
};

class NobodyAdmitted final : public http::Gatekeeper {
 public:
  [[nodiscard]] http::Admission admit(const http::Request&, std::string_view) override { return {http::Principal{}}; }
};

class CaptureFixture : public ::testing::Test {
 protected:
  struct Setup {
    CaptureSettings settings = {};
    std::uint64_t max_queued_bytes = 64ULL << 20;
    unsigned reactors = 1;
  };

  void SetUp() override;
  void TearDown() override { stop(); }

  // Called by SetUp; again after stop() for a restart.
  void start(const Setup& setup);
  void start() { start(Setup{}); }
  void stop();

  // What every test finds: see the definition.
  [[nodiscard]] static std::shared_ptr<Catalog> make_catalog();

  [[nodiscard]] std::string sign(const LinkParts& parts) const;
  [[nodiscard]] support::RawAnswer send(std::string_view method,
                                        std::string_view target,
                                        std::string_view headers = "",
                                        std::string_view body = "") const;
  // With a browser's user agent.
  support::RawAnswer get(std::string_view target, std::string_view headers = "") const;
  support::RawAnswer post(std::string_view target, std::string_view body, std::string_view headers = "") const;

  // Returns when everything that was staged before is durable: batches keep their order.
  void settle();
  [[nodiscard]] std::vector<StoredRecord> records() const;
  [[nodiscard]] std::vector<StoredRecord> records(journal::RecordKind kind) const;
  // Whether the bytes stand in any file of the journal's directory.
  [[nodiscard]] bool has_bytes_on_disk(std::string_view bytes) const;

  // An impression event as JSON; `more` is appended: ",\"state\":\"viewable\"".
  [[nodiscard]] std::string impression(std::string_view event_id, std::string_view more = "") const;
  [[nodiscard]] std::string exposure(std::string_view event_id, std::string_view more = "") const;
  [[nodiscard]] std::string now_text() const { return base::format_rfc3339(clock_.now()); }

  unsigned settled_ = 0;
  support::TemporaryDirectory directory_;
  base::ManualClock clock_{base::Timestamp{1'790'000'000'000'000}};
  base::SystemRandom random_;
  std::unique_ptr<crypto::KeyRing> keys_;
  std::unique_ptr<crypto::Ed25519Key> log_key_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<quality::Judge> judge_;
  FixedCatalog catalog_;
  NobodyAdmitted gatekeeper_;
  http::Router router_;
  std::unique_ptr<Capture> capture_;
  std::unique_ptr<http::Server> server_;
};

// "…0000000000ab" for 0xab.
[[nodiscard]] std::string make_event_id(unsigned number);

}  // namespace tallystick::capture
