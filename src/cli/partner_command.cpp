#include <memory>
#include <string>

#include <boost/json.hpp>

#include "base/encoding.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/record_client.h"
#include "cli/record_members.h"

namespace tallystick::cli {
namespace {

struct PartnerArguments {
  std::string partner;
  std::string status;
  std::string network;
  ListOptions list;
  ChangeOptions change;
  RecordMembers members;
};

using PartnerArgumentsPointer = std::shared_ptr<PartnerArguments>;

std::string path_of_partner(const PartnerArguments& arguments) {
  return make_path({"api", "partners", arguments.partner});
}

base::Result<int> list_partners(Context& context, const PartnerArguments& arguments) {
  std::string path = "/api/partners?status=" + base::percent_encode(arguments.status) +
                     "&network=" + base::percent_encode(arguments.network);
  return list_records(context,
                      std::move(path),
                      {"slug", "name", "network", "status", "currency", "time_zone", "tolerance_basis_points"},
                      arguments.list,
                      "There is no partner yet. Make one: tallystick partner create acme --name Acme --currency EUR");
}

void add_partner_members(Command command, RecordMembers& members, bool is_new) {
  using enum MemberType;
  const std::initializer_list<std::string_view> required = {"--name", "--currency"};
  members.add_to(
      command,
      {{"--name", "name", kText, "Its name for people"},
       {"--network", "network", kText, "impact, cj, awin, rakuten, shareasale, amazon, flexoffers or generic"},
       {"--currency", "currency", kText, "ISO 4217, of postbacks that name none"},
       {"--allowed-host",
        "allowed_hosts",
        kTexts,
        "Where links may lead to; repeat it; shop.example or *.shop.example"},
       {"--allows-http", "allows_http", kBoolean, "Whether destinations may begin with http://"},
       {"--sub-id-parameter", "sub_id_parameter", kText, "Query parameter that carries our click id"},
       {"--public-page", "public_page", kText, "Where a fallback page leads to"},
       {"--link-lifetime-s", "link_lifetime_s", kInteger, "How long signed links hold"},
       {"--throttle-per-second", "throttle_per_second", kInteger, "Clicks a second; 0: unlimited"},
       {"--time-zone", "time_zone", kText, "Of its reports, as Europe/Berlin"},
       {"--tolerance-basis-points", "tolerance_basis_points", kInteger, "Variance that is no discrepancy, in 1/100 %"},
       {"--postback-source", "postback_sources", kTexts, "Address or network that postbacks come from; repeat it"},
       {"--allows-duplicate-postbacks", "allows_duplicate_postbacks", kBoolean, "Whether a repeated postback counts"}},
      is_new ? required : std::initializer_list<std::string_view>{});
}

void add_partner_writers(Command command, Context& context) {
  const auto created = std::make_shared<PartnerArguments>();
  Command create = command.add_subcommand("create", "Make a partner");
  create.footer(
      "Examples:\n  tallystick partner create acme --name Acme --currency EUR --network awin --allowed-host "
      "www.acme.example --time-zone Europe/London");
  create.add_option("partner", created->partner, "Its slug, which never changes").required();
  add_partner_members(create, created->members, true);
  created->change.add_to(create, false);
  create.set_action(context, [&context, created]() -> base::Result<int> {
    TALLY_ASSIGN(auto body, created->members.body());
    body["slug"] = created->partner;
    return change_record(
        context, ChangeMethod::kPost, "/api/partners", body, created->change, "Created partner " + created->partner);
  });

  const auto changed = std::make_shared<PartnerArguments>();
  Command change = command.add_subcommand("change", "Change members of a partner; the others stay as they are");
  change.footer(
      "Examples:\n  tallystick partner change acme --tolerance-basis-points 150 --reason 'agreed in May'\n  tallystick "
      "partner change acme --allowed-host www.acme.example --allowed-host '*.acme.example' --if-version 3");
  change.add_option("partner", changed->partner, "Slug or id").required();
  add_partner_members(change, changed->members, false);
  changed->change.add_to(change, true);
  change.set_action(context, [&context, changed]() -> base::Result<int> {
    TALLY_ASSIGN(const auto body, changed->members.body());
    return change_record(context,
                         ChangeMethod::kPatch,
                         path_of_partner(*changed),
                         body,
                         changed->change,
                         "Partner " + changed->partner + " is as follows");
  });
}

void add_partner_step(Command command,
                      Context& context,
                      const std::string& name,
                      const std::string& description,
                      ChangeMethod method,
                      const std::string& done) {
  const auto arguments = std::make_shared<PartnerArguments>();
  Command step = command.add_subcommand(name, description);
  step.footer("Examples:\n  tallystick partner " + name + " acme --reason 'the contract ended'");
  step.add_option("partner", arguments->partner, "Slug or id").required();
  arguments->change.add_to(step, false);
  step.set_action(context, [&context, arguments, method, name, done] {
    const std::string path = path_of_partner(*arguments) + (method == ChangeMethod::kPost ? "/" + name : "");
    return change_record(context, method, path, {}, arguments->change, done + " partner " + arguments->partner);
  });
}

}  // namespace

void add_partner_command(Command app, Context& context) {
  Command command = app.add_subcommand("partner", "Partners: who pays for traffic or sales");
  command.require_subcommand();

  const auto listed = std::make_shared<PartnerArguments>();
  Command list = command.add_subcommand("list", "Show them, oldest first");
  list.footer("Examples:\n  tallystick partner list --status active\n  tallystick partner list --csv > partners.csv");
  list.add_option("--status", listed->status, "active or paused");
  list.add_option("--network", listed->network, "Only those of this network");
  listed->list.add_to(list);
  list.set_action(context, [&context, listed] { return list_partners(context, *listed); });

  const auto shown = std::make_shared<PartnerArguments>();
  Command show = command.add_subcommand("show", "Show a partner with all its members");
  show.footer("Examples:\n  tallystick partner show acme --json");
  show.add_option("partner", shown->partner, "Slug or id").required();
  show.set_action(context, [&context, shown] { return show_record(context, path_of_partner(*shown)); });

  add_partner_writers(command, context);
  add_partner_step(command, context, "pause", "Let its links answer 403", ChangeMethod::kPost, "Paused");
  add_partner_step(command, context, "resume", "Let its links work again", ChangeMethod::kPost, "Resumed");
  add_partner_step(
      command, context, "remove", "Delete a partner that has no link and no coupon", ChangeMethod::kDelete, "Deleted");
}

}  // namespace tallystick::cli
