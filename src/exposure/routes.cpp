#include "exposure/routes.h"

#include <string>
#include <utility>

#include "access/audit.h"
#include "access/rest.h"
#include "exposure/json.h"
#include "exposure/requests.h"

namespace tallystick::exposure {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr const char* kRead = "exposure:read";
constexpr const char* kWrite = "exposure:write";

template <typename T>
Response answer(const base::Result<T>& result, const Request& request) {
  return result ? access::record_response(to_json(*result), result->version)
                : access::failure_response(result.error(), request);
}

template <typename T>
Response answer_created(const base::Result<T>& result, const Request& request, const std::string& name) {
  return result ? access::record_response(to_json(*result), result->version, request.path + "/" + name)
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

base::Result<std::optional<Status>> parse_status_filter(const Request& request) {
  const auto text = request.query_parameter("status");
  if (text.empty()) {
    return std::nullopt;
  }
  TALLY_ASSIGN(const auto status, parse_status(text));
  return status;
}

base::Result<Page<Placement>> list_placements(ExposureService& service, const Request& request) {
  TALLY_ASSIGN(const auto page, access::parse_page_request(request));
  TALLY_ASSIGN(const auto status, parse_status_filter(request));
  return service.list_placements({.status = status}, page.after, page.limit);
}

base::Result<Placement> create_placement(ExposureService& service, const Request& request) {
  TALLY_ASSIGN(const auto draft, parse_placement_draft(request.body));
  return service.create_placement(draft.slug, draft.change, access::change_context(request));
}

base::Result<Placement> change_placement(ExposureService& service, const Request& request) {
  TALLY_ASSIGN(const auto version, access::parse_if_match(request));
  TALLY_ASSIGN(const auto change, parse_placement_change(request.body));
  return service.change_placement(
      request.path_parameter("placement"), change, version, access::change_context(request));
}

http::Handler set_placement_status(ExposureService& service, Status status) {
  return [&service, status](const Request& request) {
    if (const auto empty = access::expect_empty_body(request); !empty) {
      return access::failure_response(empty.error(), request);
    }
    return answer(
        service.set_placement_status(request.path_parameter("placement"), status, access::change_context(request)),
        request);
  };
}

void add_placement_routes(http::Router& router, ExposureService& service, const MakeIdempotent& make_idempotent) {
  router.add({Method::kGet, "/api/placements", kRead, "List placements", [&service](const Request& request) {
                return answer_page(list_placements(service, request), request);
              }});
  router.add({Method::kPost,
              "/api/placements",
              kWrite,
              "Create a placement",
              make_idempotent([&service](const Request& request) {
                const auto placement = create_placement(service, request);
                return answer_created(placement, request, placement ? placement->slug : "");
              })});
  router.add(
      {Method::kGet, "/api/placements/{placement}", kRead, "Get a placement", [&service](const Request& request) {
         return answer(service.get_placement(request.path_parameter("placement")), request);
       }});
  router.add({Method::kPatch,
              "/api/placements/{placement}",
              kWrite,
              "Change members of a placement",
              [&service](const Request& request) {
                return answer(change_placement(service, request), request);
              }});
  router.add({Method::kPost,
              "/api/placements/{placement}/pause",
              kWrite,
              "Pause a placement",
              set_placement_status(service, Status::kPaused)});
  router.add({Method::kPost,
              "/api/placements/{placement}/resume",
              kWrite,
              "Resume a paused placement",
              set_placement_status(service, Status::kActive)});
}

base::Result<Page<Merchant>> list_merchants(ExposureService& service, const Request& request) {
  TALLY_ASSIGN(const auto page, access::parse_page_request(request));
  TALLY_ASSIGN(const auto status, parse_status_filter(request));
  return service.list_merchants({.status = status}, page.after, page.limit);
}

base::Result<Merchant> create_merchant(ExposureService& service, const Request& request) {
  TALLY_ASSIGN(const auto draft, parse_merchant_draft(request.body));
  return service.create_merchant(draft.slug, draft.change, access::change_context(request));
}

base::Result<Merchant> change_merchant(ExposureService& service, const Request& request) {
  TALLY_ASSIGN(const auto version, access::parse_if_match(request));
  TALLY_ASSIGN(const auto change, parse_merchant_change(request.body));
  return service.change_merchant(request.path_parameter("merchant"), change, version, access::change_context(request));
}

http::Handler set_merchant_status(ExposureService& service, Status status) {
  return [&service, status](const Request& request) {
    if (const auto empty = access::expect_empty_body(request); !empty) {
      return access::failure_response(empty.error(), request);
    }
    return answer(
        service.set_merchant_status(request.path_parameter("merchant"), status, access::change_context(request)),
        request);
  };
}

void add_merchant_routes(http::Router& router, ExposureService& service, const MakeIdempotent& make_idempotent) {
  router.add({Method::kGet, "/api/merchants", kRead, "List merchants", [&service](const Request& request) {
                return answer_page(list_merchants(service, request), request);
              }});
  router.add({Method::kPost,
              "/api/merchants",
              kWrite,
              "Create a merchant",
              make_idempotent([&service](const Request& request) {
                const auto merchant = create_merchant(service, request);
                return answer_created(merchant, request, merchant ? merchant->slug : "");
              })});
  router.add({Method::kGet, "/api/merchants/{merchant}", kRead, "Get a merchant", [&service](const Request& request) {
                return answer(service.get_merchant(request.path_parameter("merchant")), request);
              }});
  router.add({Method::kPatch,
              "/api/merchants/{merchant}",
              kWrite,
              "Change members of a merchant",
              [&service](const Request& request) {
                return answer(change_merchant(service, request), request);
              }});
  router.add({Method::kPost,
              "/api/merchants/{merchant}/pause",
              kWrite,
              "Pause a merchant",
              set_merchant_status(service, Status::kPaused)});
  router.add({Method::kPost,
              "/api/merchants/{merchant}/resume",
              kWrite,
              "Resume a paused merchant",
              set_merchant_status(service, Status::kActive)});
}

base::Result<Page<ExposureUnit>> list_exposure_units(ExposureService& service, const Request& request) {
  TALLY_ASSIGN(const auto page, access::parse_page_request(request));
  return service.list_exposure_units(request.path_parameter("merchant"), page.after, page.limit);
}

base::Result<ExposureUnit> create_exposure_unit(ExposureService& service, const Request& request) {
  TALLY_ASSIGN(const auto change, parse_exposure_unit_draft(request.body));
  return service.create_exposure_unit(request.path_parameter("merchant"), change, access::change_context(request));
}

base::Result<ExposureUnit> change_exposure_unit(ExposureService& service, const Request& request) {
  TALLY_ASSIGN(const auto version, access::parse_if_match(request));
  TALLY_ASSIGN(const auto change, parse_exposure_unit_change(request.body));
  return service.change_exposure_unit(request.path_parameter("merchant"),
                                      request.path_parameter("unit"),
                                      change,
                                      version,
                                      access::change_context(request));
}

void add_exposure_unit_routes(http::Router& router, ExposureService& service, const MakeIdempotent& make_idempotent) {
  const std::string units = "/api/merchants/{merchant}/exposure-units";
  router.add({Method::kGet, units, kRead, "List the exposure units of a merchant", [&service](const Request& request) {
                return answer_page(list_exposure_units(service, request), request);
              }});
  router.add(
      {Method::kPost, units, kWrite, "Create an exposure unit", make_idempotent([&service](const Request& request) {
         const auto unit = create_exposure_unit(service, request);
         return answer_created(unit, request, unit ? base::format_uuid(unit->id) : "");
       })});
  router.add({Method::kGet, units + "/{unit}", kRead, "Get an exposure unit", [&service](const Request& request) {
                return answer(
                    service.get_exposure_unit(request.path_parameter("merchant"), request.path_parameter("unit")),
                    request);
              }});
  router.add({Method::kPatch,
              units + "/{unit}",
              kWrite,
              "Change members of an exposure unit",
              [&service](const Request& request) {
                return answer(change_exposure_unit(service, request), request);
              }});
}

}  // namespace

void add_exposure_routes(http::Router& router, ExposureService& service, const MakeIdempotent& make_idempotent) {
  add_placement_routes(router, service, make_idempotent);
  add_merchant_routes(router, service, make_idempotent);
  add_exposure_unit_routes(router, service, make_idempotent);
}

}  // namespace tallystick::exposure
