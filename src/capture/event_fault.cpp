#include "capture/event_fault.h"

#include <array>

namespace tallystick::capture {
namespace {

struct Entry {
  std::string_view name;
  std::string_view detail;  // after the member
};
constexpr std::array<Entry, kEventCodeCount> kEntries{{
    {"none", ""},
    {"malformed_event", "is not a JSON object in UTF-8"},
    {"missing_field", "is missing"},
    {"malformed_field", "has not the form or range of this member"},
    {"duplicate_field", "occurs twice"},
    {"bad_user_id", "must be 64 hex digits or a UUID"},
    {"negative_rank", "must not be negative"},
    {"unknown_placement", "names no placement"},
    {"unknown_merchant", "names no merchant"},
    {"unknown_partner", "names no partner"},
    {"unknown_exposure_unit", "names no exposure unit of this merchant"},
    {"stale_event", "is more than 10 minutes before the time of receipt"},
    {"future_event", "is more than 60 seconds after the time of receipt"},
    {"bad_token", "is not a good token for this placement and event"},
    {"unknown_currency", "is not an ISO 4217 code"},
}};

}  // namespace

std::string_view name_of(EventCode code) {
  return kEntries[static_cast<std::size_t>(code)].name;
}

void append_detail(const EventFault& fault, std::string& out) {
  out += fault.member.empty() ? std::string_view("the event") : fault.member;
  out += ' ';
  out += kEntries[static_cast<std::size_t>(fault.code)].detail;
}

}  // namespace tallystick::capture
