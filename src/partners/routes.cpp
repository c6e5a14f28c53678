#include "partners/routes.h"

#include <string>
#include <utility>

#include "access/audit.h"
#include "access/rest.h"
#include "partners/json.h"
#include "partners/requests.h"

namespace tallystick::partners {
namespace {

using http::Request;
using http::Response;

constexpr const char* kRead = "partners:read";
constexpr const char* kWrite = "partners:write";

template <typename T>
Response answer(const base::Result<T>& result, const Request& request) {
  return result ? access::record_response(to_json(*result), result->version)
                : access::failure_response(result.error(), request);
}

template <typename T>
Response answer_page(const base::Result<Page<T>>& page, const Request& request) {
  if (!page) {
    return access::failure_response(page.error(), request);
  }
  boost::json::array items;
  for (const auto& item : page->items) {
    items.push_back(to_json(item));
  }
  return access::page_response(std::move(items), page->next_after);
}

// The value of a filter in the query, if there is one.
template <typename Parse>
auto parse_filter(const Request& request, std::string_view name, Parse parse)
    -> base::Result<std::optional<typename decltype(parse(std::string_view{}))::value_type>> {
  const auto text = request.query_parameter(name);
  if (text.empty()) {
    return std::nullopt;
  }
  TALLY_ASSIGN(auto value, parse(text));
  return value;
}

base::Result<Page<Partner>> list_partners(PartnerService& service, const Request& request) {
  TALLY_ASSIGN(const auto page, access::parse_page_request(request));
  PartnerFilter filter;
  TALLY_ASSIGN(filter.status, parse_filter(request, "status", parse_status));
  TALLY_ASSIGN(filter.network, parse_filter(request, "network", parse_network));
  return service.list_partners(filter, page.after, page.limit);
}

base::Result<Partner> create_partner(PartnerService& service, const Request& request) {
  TALLY_ASSIGN(const auto draft, parse_partner_draft(request.body));
  return service.create_partner(draft.slug, draft.change, access::change_context(request));
}

base::Result<Partner> change_partner(PartnerService& service, const Request& request) {
  TALLY_ASSIGN(const auto version, access::parse_if_match(request));
  TALLY_ASSIGN(const auto change, parse_partner_change(request.body));
  return service.change_partner(request.path_parameter("partner"), change, version, access::change_context(request));
}

base::Result<Page<Link>> list_links(PartnerService& service, const Request& request) {
  TALLY_ASSIGN(const auto page, access::parse_page_request(request));
  TALLY_ASSIGN(const auto status, parse_filter(request, "status", parse_status));
  return service.list_links(request.path_parameter("partner"), status, page.after, page.limit);
}

base::Result<Link> create_link(PartnerService& service, const Request& request) {
  TALLY_ASSIGN(const auto draft, parse_link_draft(request.body));
  return service.create_link(
      request.path_parameter("partner"), draft.slug, draft.change, access::change_context(request));
}

base::Result<Link> change_link(PartnerService& service, const Request& request) {
  TALLY_ASSIGN(const auto version, access::parse_if_match(request));
  TALLY_ASSIGN(const auto change, parse_link_change(request.body));
  return service.change_link(request.path_parameter("partner"),
                             request.path_parameter("link"),
                             change,
                             version,
                             access::change_context(request));
}

http::Handler set_partner_status(PartnerService& service, Status status) {
  return [&service, status](const Request& request) {
    if (const auto empty = access::expect_empty_body(request); !empty) {
      return access::failure_response(empty.error(), request);
    }
    return answer(
        service.set_partner_status(request.path_parameter("partner"), status, access::change_context(request)),
        request);
  };
}

http::Handler set_link_status(PartnerService& service, Status status) {
  return [&service, status](const Request& request) {
    if (const auto empty = access::expect_empty_body(request); !empty) {
      return access::failure_response(empty.error(), request);
    }
    return answer(
        service.set_link_status(
            request.path_parameter("partner"), request.path_parameter("link"), status, access::change_context(request)),
        request);
  };
}

void add_routes_of_partners(http::Router& router, PartnerService& service, const MakeIdempotent& make_idempotent) {
  using http::Method;
  router.add({Method::kGet, "/api/partners", kRead, "List partners", [&service](const Request& request) {
                return answer_page(list_partners(service, request), request);
              }});
  router.add(
      {Method::kPost, "/api/partners", kWrite, "Create a partner", make_idempotent([&service](const Request& request) {
         const auto partner = create_partner(service, request);
         return partner
                    ? access::record_response(to_json(*partner), partner->version, request.path + "/" + partner->slug)
                    : access::failure_response(partner.error(), request);
       })});
  router.add({Method::kGet, "/api/partners/{partner}", kRead, "Get a partner", [&service](const Request& request) {
                return answer(service.get_partner(request.path_parameter("partner")), request);
              }});
  router.add({Method::kPatch,
              "/api/partners/{partner}",
              kWrite,
              "Change members of a partner",
              [&service](const Request& request) {
                return answer(change_partner(service, request), request);
              }});
  router.add({Method::kDelete,
              "/api/partners/{partner}",
              kWrite,
              "Delete a partner that has no link",
              [&service](const Request& request) {
                const auto removed =
                    service.remove_partner(request.path_parameter("partner"), access::change_context(request));
                return removed ? Response{204, "", ""} : access::failure_response(removed.error(), request);
              }});
  router.add({Method::kPost,
              "/api/partners/{partner}/pause",
              kWrite,
              "Pause a partner: its links answer 403",
              set_partner_status(service, Status::kPaused)});
  router.add({Method::kPost,
              "/api/partners/{partner}/resume",
              kWrite,
              "Resume a paused partner",
              set_partner_status(service, Status::kActive)});
}

void add_routes_of_links(http::Router& router, PartnerService& service, const MakeIdempotent& make_idempotent) {
  using http::Method;
  router.add({Method::kGet,
              "/api/partners/{partner}/links",
              kRead,
              "List the links of a partner",
              [&service](const Request& request) {
                return answer_page(list_links(service, request), request);
              }});
  router.add({Method::kPost,
              "/api/partners/{partner}/links",
              kWrite,
              "Create a link",
              make_idempotent([&service](const Request& request) {
                const auto link = create_link(service, request);
                return link ? access::record_response(to_json(*link), link->version, request.path + "/" + link->slug)
                            : access::failure_response(link.error(), request);
              })});
  router.add(
      {Method::kGet, "/api/partners/{partner}/links/{link}", kRead, "Get a link", [&service](const Request& request) {
         return answer(service.get_link(request.path_parameter("partner"), request.path_parameter("link")), request);
       }});
  router.add({Method::kPatch,
              "/api/partners/{partner}/links/{link}",
              kWrite,
              "Change members of a link",
              [&service](const Request& request) {
                return answer(change_link(service, request), request);
              }});
  router.add({Method::kPost,
              "/api/partners/{partner}/links/{link}/pause",
              kWrite,
              "Pause a link",
              set_link_status(service, Status::kPaused)});
  router.add({Method::kPost,
              "/api/partners/{partner}/links/{link}/resume",
              kWrite,
              "Resume a paused link",
              set_link_status(service, Status::kActive)});
}

}  // namespace

void add_partner_routes(http::Router& router, PartnerService& service, const MakeIdempotent& make_idempotent) {
  add_routes_of_partners(router, service, make_idempotent);
  add_routes_of_links(router, service, make_idempotent);
}

}  // namespace tallystick::partners
