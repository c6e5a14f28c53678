#include "capture/destination.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "capture/host.h"

namespace tallystick::capture {
namespace {

constexpr std::size_t kMaxUrlBytes = 8 * 1024;

struct Macro {
  std::string_view name;
  std::string_view DestinationValues::*value;
};
constexpr std::array<Macro, 8> kMacros{{
    {"{click_id}", &DestinationValues::click_id},
    {"{partner}", &DestinationValues::partner},
    {"{placement}", &DestinationValues::placement},
    {"{campaign}", &DestinationValues::campaign},
    {"{session}", &DestinationValues::session},
    {"{sub}", &DestinationValues::sub},
    {"{gdpr}", &DestinationValues::gdpr},
    {"{gdpr_consent}", &DestinationValues::gdpr_consent},
}};

void fill_macros(std::string_view text, const DestinationValues& values, std::string& out) {
  while (true) {
    const std::size_t brace = std::min(text.find('{'), text.size());
    out.append(text.substr(0, brace));
    text.remove_prefix(brace);
    if (text.empty()) {
      return;
    }
    const auto* macro = std::ranges::find_if(kMacros, [&](const Macro& m) { return text.starts_with(m.name); });
    if (macro == kMacros.end()) {
      out += '{';
      text.remove_prefix(1);
    } else {
      base::percent_encode_into(values.*(macro->value), out);
      text.remove_prefix(macro->name.size());
    }
  }
}

// Where "name=value" stands in the query of out[begin..]; npos when it does not.
std::size_t find_pair(std::string_view query, std::string_view name) {
  std::size_t at = 0;
  while (at < query.size()) {
    const std::string_view rest = query.substr(at);
    if (rest.starts_with(name) &&
        (rest.size() == name.size() || rest[name.size()] == '=' || rest[name.size()] == '&')) {
      return at;
    }
    const std::size_t next = rest.find('&');
    if (next == std::string_view::npos) {
      break;
    }
    at += next + 1;
  }
  return std::string_view::npos;
}

// `begin` is where the URL starts in `out`.
void set_parameter(std::string_view name, std::string_view value, std::size_t begin, std::string& out) {
  const std::size_t fragment = std::min(out.find('#', begin), out.size());
  const std::size_t mark = out.find('?', begin);
  std::string pair(name);
  pair += '=';
  base::percent_encode_into(value, pair);
  if (mark == std::string::npos || mark > fragment) {
    out.insert(fragment, "?" + pair);
    return;
  }
  const std::size_t query = mark + 1;
  const std::size_t found = find_pair(std::string_view(out).substr(query, fragment - query), name);
  if (found == std::string_view::npos) {
    const bool is_joined = fragment == query || out[fragment - 1] == '&';
    out.insert(fragment, is_joined ? pair : "&" + pair);
  } else {
    const std::size_t end = std::min(out.find('&', query + found), fragment);
    out.replace(query + found, end - query - found, pair);
  }
}

}  // namespace

DestinationFault append_destination(const CatalogPartner& partner,
                                    std::string_view destination_template,
                                    const DestinationValues& values,
                                    std::string& out) {
  const std::size_t begin = out.size();
  fill_macros(destination_template, values, out);
  if (!partner.sub_id_parameter.empty()) {
    set_parameter(partner.sub_id_parameter, values.click_id, begin, out);
  }
  const std::string_view url = std::string_view(out).substr(begin);
  const std::string_view host = url.size() <= kMaxUrlBytes ? host_of(url) : std::string_view();
  if (host.empty()) {
    out.resize(begin);
    return DestinationFault::kBadUrl;
  }
  if (!is_allowed_host(host, partner.allowed_hosts)) {
    out.resize(begin);
    return DestinationFault::kHostNotAllowed;
  }
  return DestinationFault::kNone;
}

}  // namespace tallystick::capture
