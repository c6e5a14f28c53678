#include "access/idempotency.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "base/encoding.h"
#include "crypto/sha256.h"

namespace tallystick::access {
namespace {

namespace json = boost::json;

constexpr std::int64_t kLifetimeUs = 24 * base::kMicrosPerHour;
// A request that was under way when its server died must not block its key for a day.
constexpr std::int64_t kAbandonedUs = base::kMicrosPerMinute;

struct Reservation {
  std::string principal;
  std::string key;
  std::string fingerprint;
};

struct StoredAnswer {
  std::string fingerprint;
  int status = 0;  // 0: in progress
  std::string headers;
  std::string body;
};

std::string fingerprint_of(const http::Request& request) {
  crypto::Sha256 hash;
  hash.update(http::name_of(request.method)).update("\n").update(request.target).update("\n").update(request.body);
  return base::to_hex(hash.finish());
}

// Nothing: the key is ours now. Otherwise what another request with it left.
base::Result<std::optional<StoredAnswer>> reserve(records::Database& database,
                                                  const Reservation& mine,
                                                  base::Timestamp now) {
  using Found = std::optional<StoredAnswer>;
  return database.write<Found>([&](soci::session& session) -> base::Result<Found> {
    const std::int64_t expired = now.us - kLifetimeUs;
    const std::int64_t abandoned = now.us - kAbandonedUs;
    session << "DELETE FROM idempotency_keys WHERE created_at < :expired OR (status = 0 AND created_at < :abandoned)",
        soci::use(expired), soci::use(abandoned);
    StoredAnswer stored;
    session << "SELECT fingerprint, status, headers, body FROM idempotency_keys WHERE principal = :principal AND "
               "idempotency_key = :idempotency_key",
        soci::into(stored.fingerprint), soci::into(stored.status), soci::into(stored.headers), soci::into(stored.body),
        soci::use(mine.principal), soci::use(mine.key);
    if (session.got_data()) {
      return Found(stored);
    }
    session << "INSERT INTO idempotency_keys (principal, idempotency_key, fingerprint, status, headers, body, "
               "created_at) VALUES (:principal, :idempotency_key, :fingerprint, 0, '', '', :created_at)",
        soci::use(mine.principal), soci::use(mine.key), soci::use(mine.fingerprint), soci::use(now.us);
    return Found();
  });
}

base::Result<bool> keep(records::Database& database, const Reservation& mine, const http::Response& response) {
  json::array headers;
  for (const auto& [name, value] : response.headers) {
    headers.push_back(json::array{name, value});
  }
  headers.push_back(json::array{"Content-Type", response.content_type});
  const std::string headers_text = json::serialize(headers);
  return database.write<bool>([&](soci::session& session) -> base::Result<bool> {
    session << "UPDATE idempotency_keys SET status = :status, headers = :headers, body = :body WHERE principal = "
               ":principal AND idempotency_key = :idempotency_key",
        soci::use(response.status), soci::use(headers_text), soci::use(response.body), soci::use(mine.principal),
        soci::use(mine.key);
    return true;
  });
}

base::Result<bool> release(records::Database& database, const Reservation& mine) {
  return database.write<bool>([&](soci::session& session) -> base::Result<bool> {
    session << "DELETE FROM idempotency_keys WHERE principal = :principal AND idempotency_key = :idempotency_key",
        soci::use(mine.principal), soci::use(mine.key);
    return true;
  });
}

http::Response replay(const StoredAnswer& stored) {
  http::Response response;
  response.status = stored.status;
  response.body = stored.body;
  const json::value headers = json::parse(stored.headers);
  for (const auto& header : headers.as_array()) {
    std::string name(header.at(0).as_string());
    std::string value(header.at(1).as_string());
    if (name == "Content-Type") {
      response.content_type = std::move(value);
    } else {
      response.headers.emplace_back(std::move(name), std::move(value));
    }
  }
  response.headers.emplace_back("Idempotency-Replayed", "true");
  return response;
}

http::Response answer_repeated(const StoredAnswer& stored, const Reservation& mine, const http::Request& request) {
  if (stored.fingerprint != mine.fingerprint) {
    return http::problem({base::ErrorKind::kUnprocessable,
                          "idempotency_key_reused",
                          "this Idempotency-Key was used for another request; take a new one"},
                         request.path);
  }
  if (stored.status == 0) {
    return http::problem({base::ErrorKind::kConflict,
                          "request_in_progress",
                          "the first request with this Idempotency-Key is still being worked on"},
                         request.path);
  }
  return replay(stored);
}

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

http::Handler make_idempotent(records::Database& database,
                              const base::Clock& clock,
                              http::Handler handler,
                              LeaveOut leave_out) {
  return [&database, &clock, handler = std::move(handler), leave_out = std::move(leave_out)](
             const http::Request& request) -> http::Response {
    const std::string_view key = request.header("Idempotency-Key");
    if (key.empty()) {
      return handler(request);
    }
    if (key.size() > kMaxIdempotencyKeyBytes || !is_visible_ascii(key)) {
      return http::problem({base::ErrorKind::kInvalid,
                            "bad_idempotency_key",
                            "an Idempotency-Key has 1 to 255 visible ASCII characters"},
                           request.path);
    }
    const Reservation mine{request.principal.id, std::string(key), fingerprint_of(request)};
    const auto found = reserve(database, mine, clock.now());
    if (!found) {
      return http::problem(found.error(), request.path);
    }
    if (*found) {
      return answer_repeated(**found, mine, request);
    }
    try {
      http::Response response = handler(request);
      http::Response kept_response = response;
      if (leave_out) {
        leave_out(kept_response);
      }
      const auto kept = response.status < 500 ? keep(database, mine, kept_response) : release(database, mine);
      // The work is done: an answer that could not be kept is still the answer.
      static_cast<void>(kept);
      return response;
    } catch (...) {
      static_cast<void>(release(database, mine));
      throw;
    }
  };
}

}  // namespace tallystick::access
