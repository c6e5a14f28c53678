#include "server/privacy_routes.h"

#include <boost/json.hpp>

namespace tallystick::server {
namespace {

namespace json = boost::json;

// The path holds the person's id, so problems name the pattern instead.
constexpr std::string_view kInstance = "/api/privacy/users";

}  // namespace

void add_privacy_routes(http::Router& router, const PrivacyRooms& rooms) {
  router.add({http::Method::kDelete,
              "/api/privacy/users/{id}",
              "privacy:erase",
              "Erase a person everywhere; every proof stays valid",
              [rooms](const http::Request& request) {
                const auto erased = erase_person(rooms, request.path_parameter("id"), access::change_context(request));
                if (!erased) {
                  return http::problem(erased.error(), kInstance);
                }
                return http::json_response(
                    200,
                    json::serialize(json::object{{"records_erased", erased->records_erased},
                                                 {"records_scanned", erased->records_scanned},
                                                 {"dead_letters_erased", erased->dead_letters_erased},
                                                 {"journal_sequence", erased->journal_sequence}}));
              }});
}

}  // namespace tallystick::server
