#include <charconv>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "access/json_members.h"
#include "access/rest.h"
#include "settlement/import_routes.h"

namespace tallystick::settlement {
namespace {

namespace json = boost::json;
using http::Method;
using http::Request;
using http::Response;

constexpr std::string_view kUploads = "/api/partners/{partner}/reports/uploads";
constexpr std::string_view kUploadScope = "reports:write";

Response respond_upload(base::Result<Response> result, const Request& request) {
  return result ? *std::move(result) : access::failure_response(result.error(), request);
}

Response upload_response(int status, const Upload& upload) {
  return http::json_response(status,
                             json::serialize(json::object{{"id", base::format_uuid(upload.id)},
                                                          {"file_name", upload.file_name},
                                                          {"received", upload.received},
                                                          {"max_piece_bytes", kMaxBodyBytes},
                                                          {"expires_at", base::format_rfc3339(upload.expires_at)}}));
}

struct NamedUpload {
  PartnerTerms partner;
  base::Uuid id;
};

base::Result<NamedUpload> parse_named(ImportService& service, const Request& request) {
  TALLY_ASSIGN(PartnerTerms partner, service.partners().find(request.path_parameter("partner")));
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
  return NamedUpload{std::move(partner), id};
}

// {"file_name": "...", "profile": "..."}, both optional.
base::Result<Response> begin_upload(ImportService& service, const Request& request) {
  constexpr std::size_t kMaxNameLength = 200;
  TALLY_ASSIGN(const PartnerTerms partner, service.partners().find(request.path_parameter("partner")));
  TALLY_ASSIGN(auto members, access::JsonMembers::parse(request.body));
  const std::string name = members.take_text("file_name").value_or("report");
  const std::string profile = members.take_text("profile").value_or("");
  if (name.size() > kMaxNameLength) {
    members.errors().add("/file_name", "too_long", fmt::format("has at most {} bytes", kMaxNameLength));
  }
  if (!profile.empty()) {
    members.errors().check("/profile", service.profiles().find(profile));
  }
  TALLY_TRY(members.finish());
  TALLY_ASSIGN(const Upload upload, service.files().begin(partner.id, name, profile));
  Response response = upload_response(201, upload);
  response.headers.emplace_back("Location", request.path + "/" + base::format_uuid(upload.id));
  return response;
}

base::Result<Response> take_piece(ImportService& service, const Request& request) {
  TALLY_ASSIGN(const NamedUpload named, parse_named(service, request));
  const std::string_view text = request.path_parameter("offset");
  std::int64_t offset = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc() || end != text.data() + text.size() || offset < 0) {
    return base::fail(base::ErrorKind::kInvalid, "bad_parameter", "the offset is a number of bytes");
  }
  TALLY_ASSIGN(const Upload upload, service.files().append(named.partner.id, named.id, offset, request.body));
  return upload_response(200, upload);
}

base::Result<Response> get_upload(ImportService& service, const Request& request) {
  TALLY_ASSIGN(const NamedUpload named, parse_named(service, request));
  TALLY_ASSIGN(const Upload upload, service.files().find(named.partner.id, named.id));
  return upload_response(200, upload);
}

base::Result<Response> complete_upload(ImportService& service, const Request& request) {
  TALLY_TRY(access::expect_empty_body(request));
  TALLY_ASSIGN(const NamedUpload named, parse_named(service, request));
  TALLY_ASSIGN(const Upload upload, service.files().find(named.partner.id, named.id));
  TALLY_ASSIGN(const StoredFile file, service.files().complete(upload));
  TALLY_ASSIGN(
      ReportImport import,
      service.submit(
          request.path_parameter("partner"), file, upload.file_name, upload.profile, access::change_context(request)));
  TALLY_ASSIGN(import, wait_as_asked(service, request, import));
  return import_response(service, import);
}

}  // namespace

void add_upload_routes(http::Router& router, ImportService& service, const MakeIdempotent& make_idempotent) {
  const std::string scope(kUploadScope);
  const std::string root(kUploads);
  router.add({Method::kPost,
              root,
              scope,
              "Begin the upload of a large report",
              make_idempotent([&service](const Request& request) {
                return respond_upload(begin_upload(service, request), request);
              })});
  router.add(
      {Method::kGet, root + "/{id}", scope, "How much of an upload was received", [&service](const Request& request) {
         return respond_upload(get_upload(service, request), request);
       }});
  router.add({Method::kPut,
              root + "/{id}/{offset}",
              scope,
              "Send a piece of an upload",
              [&service](const Request& request) { return respond_upload(take_piece(service, request), request); },
              -1,
              kMaxBodyBytes});
  router.add({Method::kPost,
              root + "/{id}/complete",
              scope,
              "The upload is complete: import it",
              make_idempotent([&service](const Request& request) {
                return respond_upload(complete_upload(service, request), request);
              })});
}

}  // namespace tallystick::settlement
