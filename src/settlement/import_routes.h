#pragma once
// The HTTP interface of report imports and profiles (docs/api/reports.md).

#include <cstddef>
#include <functional>

#include "http/router.h"
#include "settlement/import_service.h"

namespace tallystick::settlement {

// Wraps a creating handler so that a repeated Idempotency-Key answers the same again.
using MakeIdempotent = std::function<http::Handler(http::Handler)>;

inline constexpr std::size_t kMaxBodyBytes = 32UZ * 1024 * 1024;  // larger files come through an upload, in pieces

// `service` must outlive the router.
void add_import_routes(http::Router& router, ImportService& service, const MakeIdempotent& make_idempotent);
void add_upload_routes(http::Router& router, ImportService& service, const MakeIdempotent& make_idempotent);

// 202 while its job is under way, 201 when it is finished.
[[nodiscard]] http::Response import_response(ImportService& service, const ReportImport& import);
// "?wait=" in seconds, at most 30: waits for the import so long. Error code: "bad_parameter".
[[nodiscard]] base::Result<ReportImport> wait_as_asked(ImportService& service,
                                                       const http::Request& request,
                                                       const ReportImport& import);
// A number in the query, `fallback` when it is absent. Error code: "bad_parameter".
[[nodiscard]] base::Result<std::int64_t> parse_number(
    const http::Request& request, std::string_view name, std::int64_t fallback, std::int64_t least, std::int64_t most);

}  // namespace tallystick::settlement
