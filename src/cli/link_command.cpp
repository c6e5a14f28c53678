#include <memory>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "capture/link_signature.h"
#include "cli/api_client.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/link_records.h"
#include "cli/output.h"
#include "crypto/key_ring.h"
#include "server/data_directory.h"

namespace tallystick::cli {
namespace {

struct LinkArguments {
  std::string partner;
  std::string link;
  std::string event_id;
  std::int64_t lifetime_seconds = 24 * 3600;
  std::vector<std::string> parameters;
};

base::Result<capture::LinkRequest> make_request(Context& context, const LinkArguments& arguments) {
  capture::LinkRequest request;
  request.partner = arguments.partner;
  request.link = arguments.link;
  request.expires_at = context.clock.now() + arguments.lifetime_seconds * base::kMicrosPerSecond;
  if (!arguments.event_id.empty()) {
    TALLY_ASSIGN(request.event_id, base::parse_uuid(arguments.event_id));
  }
  for (const std::string& parameter : arguments.parameters) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string::npos || equals == 0) {
      return base::fail(base::ErrorKind::kInvalid,
                        "bad_parameters",
                        fmt::format("write parameters as name=value, not {}", parameter));
    }
    request.parameters.emplace_back(parameter.substr(0, equals), parameter.substr(equals + 1));
  }
  return request;
}

base::Result<int> sign(Context& context, const LinkArguments& arguments) {
  TALLY_ASSIGN(const base::Config config, context.load_config());
  const server::DataDirectory data(config.text("data.directory"));
  if (!std::filesystem::exists(data.key_ring_file())) {
    return base::fail(
        base::ErrorKind::kNotFound,
        "no_data_directory",
        fmt::format(
            "there is no key ring in {}: name the data directory with --data, or ask the server: POST /api/links/sign",
            data.keys().string()));
  }
  TALLY_ASSIGN(const auto ring, crypto::KeyRing::open(data.key_ring_file(), context.clock, context.random));
  TALLY_ASSIGN(const capture::LinkRequest request, make_request(context, arguments));
  TALLY_ASSIGN(const capture::SignedLink link,
               capture::make_signed_link(request, *ring, context.clock.now(), context.random));
  std::string url = config.text("http.public_url");
  if (url.empty()) {
    TALLY_ASSIGN(url, find_server_url(context));
  }
  while (url.ends_with('/')) {
    url.pop_back();
  }
  if (context.is_json) {
    print_json(context.terminal.out,
               boost::json::object{{"url", url + link.target},
                                   {"event_id", base::format_uuid(link.event_id)},
                                   {"expires_at", base::format_rfc3339(link.expires_at)},
                                   {"key_id", link.key_id}});
  } else {
    fmt::print(context.terminal.out, "{}{}\n", url, link.target);
  }
  return kSuccess;
}

}  // namespace

void add_link_command(Command app, Context& context) {
  Command command = app.add_subcommand("link", "Links of partners, and signing them");
  command.require_subcommand();
  add_link_record_commands(command, context);
  Command sign_command = command.add_subcommand("sign", "Sign a link with the key in the data directory");
  sign_command.footer(
      "Parameters: placement campaign merchant session user imp article variant sub consent gdpr gdpr_consent.\n\n"
      "Examples:\n  tallystick link sign --partner acme --link spring --parameter placement=home-top --parameter "
      "campaign=may\n"
      "  tallystick link sign --partner acme --link spring --lifetime-seconds 3600 --json");
  const auto arguments = std::make_shared<LinkArguments>();
  sign_command.add_option("--partner", arguments->partner, "Slug of the partner").required();
  sign_command.add_option("--link", arguments->link, "Slug of the link").required();
  sign_command.add_option("--event-id", arguments->event_id, "Id of the click (default: a new one)").type_name("UUID");
  sign_command.add_option("--lifetime-seconds", arguments->lifetime_seconds, "How long the link holds")
      .in_range(1, 30 * 86'400)
      .show_default();
  sign_command.add_option("--parameter", arguments->parameters, "name=value; repeat it for several")
      .type_name("NAME=VALUE");
  sign_command.set_action(context, [&context, arguments] { return sign(context, *arguments); });
}

}  // namespace tallystick::cli
