#include "server/pages.h"

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "server/problem_catalog.h"
#include "server/version.h"

namespace tallystick::server {
namespace {

constexpr std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 "
    "1rem;color:#1c2430;background:#fff}"
    "a{color:#0b57a4}code{background:#eef1f5;padding:.1em .3em;border-radius:.2em}"
    "@media(prefers-color-scheme:dark){body{color:#e6e9ee;background:#14181f}a{color:#7db8f5}code{background:#232a35}}";

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

http::Response page(int status, std::string_view title, std::string_view content) {
  http::Response response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.body = fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">"
      "<title>{0}</title><style>{1}</style></head><body><h1>{0}</h1>{2}</body></html>\n",
      escape_html(title),
      kStyle,
      content);
  response.headers = {
      {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"}};
  return response;
}

http::Response text(std::string_view type, std::string_view content) {
  http::Response response;
  response.content_type = type;
  response.body = content;
  return response;
}

http::Response welcome(const http::Request&) {
  return page(200,
              "Tallystick",
              fmt::format("<p>Counts ad and affiliate events so that both sides can agree on the money. Version {}.</p>"
                          "<ul><li><a href=\"/readyz\">State of the server</a></li>"
                          "<li><a href=\"/log/checkpoint\">Latest signed checkpoint of the log</a></li>"
                          "<li><a href=\"/metrics\">Metrics</a></li></ul>"
                          "<p>See it work: <code>tallystick demo --seconds 10</code>. "
                          "Check the log: <code>tallystick journal verify</code>.</p>",
                          kVersion));
}

http::Response explain_problem(const http::Request& request) {
  const std::string_view code = request.path_parameter("code");
  if (const ProblemText* problem = find_problem(code); problem != nullptr) {
    return page(200,
                problem->title,
                fmt::format("<p>Code <code>{}</code>.</p><p>{}</p>", problem->code, escape_html(problem->text)));
  }
  return page(404,
              "No explanation",
              "<p>There is no page for this code. The <code>detail</code> of the answer says what was wrong with the "
              "request.</p>");
}

}  // namespace

void add_page_routes(http::Router& router) {
  using http::Method;
  const auto add = [&](std::string pattern, std::string summary, http::Handler handler) {
    router.add({Method::kGet, std::move(pattern), "public", std::move(summary), std::move(handler)});
  };
  add("/", "Welcome page", welcome);
  add("/problems/{code}", "What a problem code means", explain_problem);
  add("/robots.txt", "Keeps well-behaved crawlers away from signed links", [](const http::Request&) {
    return text("text/plain; charset=utf-8", "User-agent: *\nDisallow: /go/\nDisallow: /api/\nDisallow: /postback/\n");
  });
  // https://globalprivacycontrol.org: this server honours Sec-GPC.
  add("/.well-known/gpc.json", "States that Global Privacy Control is honoured", [](const http::Request&) {
    return text("application/json", R"({"gpc":true,"lastUpdate":"2026-01-01"})");
  });
}

}  // namespace tallystick::server
