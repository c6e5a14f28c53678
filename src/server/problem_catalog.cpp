#include "server/problem_catalog.h"

#include <algorithm>
#include <array>

namespace tallystick::server {
namespace {

constexpr auto kProblems = std::to_array<ProblemText>({
    {"already_exists",
     "It exists already",
     "A record with this slug or key is there. Choose another, or change the existing one."},
    {"bad_uuid",
     "Not a UUID",
     "Write the 36 characters in the form 8-4-4-4-12, for example 0190163d-8694-739b-aea5-966c26f8ad90."},
    {"bad_timestamp", "Not a time", "Write RFC 3339, such as 2026-01-31T12:00:00Z, or milliseconds since 1970."},
    {"bad_tile_path",
     "No such tile",
     "Tiles are addressed as the tlog-tiles specification of C2SP says: /log/tile/0/x001/234 or "
     "/log/tile/entries/000.p/17."},
    {"dedupe_memory_full",
     "Too many events within the window",
     "The memory of event ids is full. Send again later; the operator can raise journal.max_remembered_ids."},
    {"disk_full",
     "The disk is full",
     "Nothing that was acknowledged is lost. Send again later; service resumes by itself when there is room."},
    {"expired",
     "The link has expired",
     "Signed links hold for a limited time. Ask the page that showed the link for a new one."},
    {"forbidden",
     "Not allowed",
     "The key lacks the scope that this route asks for. An administrator can make one that has it."},
    {"future_event",
     "From the future",
     "The event's time is more than 60 s ahead of the server. Check the sender's clock."},
    {"journal_busy",
     "Busy",
     "The log's queue is full. Send again after the time in Retry-After, with the same event ids."},
    {"journal_failed",
     "The log cannot be written",
     "The disk reported an error. Nothing is acknowledged until the operator has replaced it."},
    {"not_found", "Not found", "There is nothing at this address, or no record of this name."},
    {"rate_limited", "Too many requests", "Wait for the time in Retry-After, then go on more slowly."},
    {"schema_newer",
     "Database from a newer version",
     "The database was migrated by a newer program. Run that version or restore a backup."},
    {"stale_event",
     "Too old",
     "Events are accepted for 10 minutes. Send them sooner; older ones are kept as dead letters and can be replayed."},
    {"unauthenticated",
     "Who is asking?",
     "Send an API key: Authorization: Bearer tsk_... A key is made with: tallystick keys create --scope SCOPE."},
    {"unknown_event",
     "No such event",
     "The log has no record with this event id. It may have been refused, or was never sent."},
    {"unknown_placement",
     "No such placement",
     "The event names a placement that does not exist. Create it, then replay the dead letter."},
    {"unknown_merchant",
     "No such merchant",
     "The event names a merchant that does not exist. Create it, then replay the dead letter."},
    {"validation_failed",
     "Some members are wrong",
     "The list errors names each offending member by JSON pointer, with a code and what was expected."},
});

}  // namespace

const ProblemText* find_problem(std::string_view code) {
  const auto found =
      std::find_if(kProblems.begin(), kProblems.end(), [&](const ProblemText& p) { return p.code == code; });
  return found == kProblems.end() ? nullptr : &*found;
}

}  // namespace tallystick::server
