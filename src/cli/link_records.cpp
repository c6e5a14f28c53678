#include "cli/link_records.h"

#include <memory>
#include <string>

#include <boost/json.hpp>

#include "base/encoding.h"
#include "cli/record_client.h"
#include "cli/record_members.h"

namespace tallystick::cli {
namespace {

struct LinkRecordArguments {
  std::string partner;
  std::string link;
  std::string status;
  ListOptions list;
  ChangeOptions change;
  RecordMembers members;
};

std::string path_of_links(const LinkRecordArguments& arguments) {
  return make_path({"api", "partners", arguments.partner, "links"});
}

std::string path_of_link(const LinkRecordArguments& arguments) {
  return path_of_links(arguments) + make_path({arguments.link});
}

void add_link_name(Command command, LinkRecordArguments& arguments) {
  command.add_option("partner", arguments.partner, "Slug or id of the partner").required();
  command.add_option("link", arguments.link, "Slug or id of the link").required();
}

void add_link_members(Command command, RecordMembers& members, bool is_new) {
  using enum MemberType;
  const std::initializer_list<std::string_view> required = {"--destination"};
  members.add_to(
      command,
      {{"--destination", "destination", kText, "Template of the address, as https://shop.example/?c={click_id}"},
       {"--placement-id", "placement_id", kNullableText, "Placement of clicks that name none"},
       {"--disclosure", "disclosure", kText, "What is shown beside the link"},
       {"--coupon", "coupon", kText, "Code that goes with it"}},
      is_new ? required : std::initializer_list<std::string_view>{});
}

void add_link_writers(Command command, Context& context) {
  const auto created = std::make_shared<LinkRecordArguments>();
  Command create = command.add_subcommand("create", "Make a link of a partner");
  create.footer(
      "Examples:\n  tallystick link create acme spring --destination 'https://www.acme.example/spring?c={click_id}' "
      "--coupon SPRING20");
  add_link_name(create, *created);
  add_link_members(create, created->members, true);
  created->change.add_to(create, false);
  create.set_action(context, [&context, created]() -> base::Result<int> {
    TALLY_ASSIGN(auto body, created->members.body());
    body["slug"] = created->link;
    return change_record(
        context, ChangeMethod::kPost, path_of_links(*created), body, created->change, "Created link " + created->link);
  });

  const auto changed = std::make_shared<LinkRecordArguments>();
  Command change = command.add_subcommand("change", "Change members of a link; the others stay as they are");
  change.footer("Examples:\n  tallystick link change acme spring --coupon SUMMER10 --if-version 2");
  add_link_name(change, *changed);
  add_link_members(change, changed->members, false);
  changed->change.add_to(change, true);
  change.set_action(context, [&context, changed]() -> base::Result<int> {
    TALLY_ASSIGN(const auto body, changed->members.body());
    return change_record(context,
                         ChangeMethod::kPatch,
                         path_of_link(*changed),
                         body,
                         changed->change,
                         "Link " + changed->link + " is as follows");
  });

  for (const bool is_pause : {true, false}) {
    const auto arguments = std::make_shared<LinkRecordArguments>();
    const std::string name = is_pause ? "pause" : "resume";
    Command step = command.add_subcommand(name, is_pause ? "Let a link answer 403" : "Let a paused link work again");
    step.footer("Examples:\n  tallystick link " + name + " acme spring");
    add_link_name(step, *arguments);
    arguments->change.add_to(step, false);
    step.set_action(context, [&context, arguments, name, is_pause] {
      return change_record(context,
                           ChangeMethod::kPost,
                           path_of_link(*arguments) + "/" + name,
                           {},
                           arguments->change,
                           (is_pause ? "Paused link " : "Resumed link ") + arguments->link);
    });
  }
}

}  // namespace

void add_link_record_commands(Command command, Context& context) {
  const auto listed = std::make_shared<LinkRecordArguments>();
  Command list = command.add_subcommand("list", "Show the links of a partner, oldest first");
  list.footer("Examples:\n  tallystick link list acme --status active\n  tallystick link list acme --csv > links.csv");
  list.add_option("partner", listed->partner, "Slug or id of the partner").required();
  list.add_option("--status", listed->status, "active or paused");
  listed->list.add_to(list);
  list.set_action(context, [&context, listed] {
    return list_records(context,
                        path_of_links(*listed) + "?status=" + base::percent_encode(listed->status),
                        {"slug", "status", "destination", "coupon", "disclosure"},
                        listed->list,
                        "The partner has no link yet. Make one: tallystick link create PARTNER LINK --destination URL");
  });

  const auto shown = std::make_shared<LinkRecordArguments>();
  Command show = command.add_subcommand("show", "Show a link with all its members");
  show.footer("Examples:\n  tallystick link show acme spring --json");
  add_link_name(show, *shown);
  show.set_action(context, [&context, shown] { return show_record(context, path_of_link(*shown)); });

  add_link_writers(command, context);
}

}  // namespace tallystick::cli
