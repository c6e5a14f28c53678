#include <memory>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/record_client.h"
#include "cli/record_members.h"

namespace tallystick::cli {
namespace {

struct CouponArguments {
  std::string partner;
  std::string coupon;
  int expires_within_days = -1;
  ListOptions list;
  ChangeOptions change;
  RecordMembers members;
};

std::string path_of_coupons(const CouponArguments& arguments) {
  return make_path({"api", "partners", arguments.partner, "coupons"});
}

std::string path_of_coupon(const CouponArguments& arguments) {
  return path_of_coupons(arguments) + make_path({arguments.coupon});
}

void add_coupon_name(Command command, CouponArguments& arguments) {
  command.add_option("partner", arguments.partner, "Slug or id of the partner").required();
  command.add_option("coupon", arguments.coupon, "Its code, as shoppers type it").required();
}

void add_coupon_members(Command command, RecordMembers& members) {
  using enum MemberType;
  members.add_to(command,
                 {{"--discount-kind", "discount_kind", kText, "percent, amount or free_shipping"},
                  {"--discount-value", "discount_value", kText, "20 percent, or 10.00 in the partner's currency"},
                  {"--expires-at", "expires_at", kNullableText, "Time from which it is void, as 2026-12-31T23:00:00Z"},
                  {"--vertical", "vertical", kText, "Line of business that it is for"},
                  {"--locale", "locale", kText, "Language and country that it is for, as de-AT"},
                  {"--stackable", "is_stackable", kBoolean, "Whether it goes together with others"}},
                 {});
}

void add_coupon_writers(Command command, Context& context) {
  const auto created = std::make_shared<CouponArguments>();
  Command create = command.add_subcommand("create", "Make a coupon of a partner");
  create.footer(
      "Examples:\n  tallystick coupon create acme SPRING20 --discount-value 20 --expires-at 2026-06-01T00:00:00Z\n  "
      "tallystick coupon create acme TENNER --discount-kind amount --discount-value 10.00 --locale de-AT");
  add_coupon_name(create, *created);
  add_coupon_members(create, created->members);
  created->change.add_to(create, false);
  create.set_action(context, [&context, created]() -> base::Result<int> {
    TALLY_ASSIGN(auto body, created->members.body());
    body["code"] = created->coupon;
    return change_record(context,
                         ChangeMethod::kPost,
                         path_of_coupons(*created),
                         body,
                         created->change,
                         "Created coupon " + created->coupon);
  });

  const auto changed = std::make_shared<CouponArguments>();
  Command change = command.add_subcommand("change", "Change members of a coupon; the others stay as they are");
  change.footer(
      "Examples:\n  tallystick coupon change acme SPRING20 --expires-at 2026-07-01T00:00:00Z\n  tallystick "
      "coupon change acme SPRING20 --expires-at none");
  add_coupon_name(change, *changed);
  add_coupon_members(change, changed->members);
  changed->change.add_to(change, true);
  change.set_action(context, [&context, changed]() -> base::Result<int> {
    TALLY_ASSIGN(const auto body, changed->members.body());
    return change_record(context,
                         ChangeMethod::kPatch,
                         path_of_coupon(*changed),
                         body,
                         changed->change,
                         "Coupon " + changed->coupon + " is as follows");
  });

  const auto removed = std::make_shared<CouponArguments>();
  Command remove = command.add_subcommand("remove", "Delete a coupon");
  remove.footer("Examples:\n  tallystick coupon remove acme SPRING20 --reason 'void by agreement'");
  add_coupon_name(remove, *removed);
  removed->change.add_to(remove, false);
  remove.set_action(context, [&context, removed] {
    return change_record(context,
                         ChangeMethod::kDelete,
                         path_of_coupon(*removed),
                         {},
                         removed->change,
                         "Deleted coupon " + removed->coupon);
  });
}

}  // namespace

void add_coupon_command(Command app, Context& context) {
  Command command = app.add_subcommand("coupon", "Coupons of partners");
  command.require_subcommand();

  const auto listed = std::make_shared<CouponArguments>();
  Command list = command.add_subcommand("list", "Show the coupons of a partner, oldest first");
  list.footer("Examples:\n  tallystick coupon list acme\n  tallystick coupon list acme --expires-within-days 7 --csv");
  list.add_option("partner", listed->partner, "Slug or id of the partner").required();
  list.add_option("--expires-within-days", listed->expires_within_days, "Only those that end this soon")
      .in_range(0, 3'650);
  listed->list.add_to(list);
  list.set_action(context, [&context, listed] {
    std::string path = path_of_coupons(*listed);
    if (listed->expires_within_days >= 0) {
      path += fmt::format("?expires_within_days={}", listed->expires_within_days);
    }
    return list_records(
        context,
        std::move(path),
        {"code", "discount_kind", "discount_value", "currency", "expires_at", "vertical", "locale", "is_stackable"},
        listed->list,
        "There is no such coupon. Make one: tallystick coupon create PARTNER CODE --discount-value 20");
  });

  const auto shown = std::make_shared<CouponArguments>();
  Command show = command.add_subcommand("show", "Show a coupon with all its members");
  show.footer("Examples:\n  tallystick coupon show acme SPRING20");
  add_coupon_name(show, *shown);
  show.set_action(context, [&context, shown] { return show_record(context, path_of_coupon(*shown)); });

  add_coupon_writers(command, context);
}

}  // namespace tallystick::cli
