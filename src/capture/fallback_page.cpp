#include "capture/fallback_page.h"

#include "capture/host.h"

namespace tallystick::capture {
namespace {

struct Text {
  std::string_view title;
  std::string_view message;
};

Text text_of(FallbackReason reason) {
  switch (reason) {
    case FallbackReason::kUnknownLink:
      return {"This link leads nowhere", "The page you came from may be out of date. Nothing is wrong on your side."};
    case FallbackReason::kExpired:
      return {"This link has expired", "Links to partners are good for a limited time. Please go back and try again."};
    case FallbackReason::kPaused:
      return {"This offer is not available now", "The partner or this offer is paused at the moment."};
    case FallbackReason::kHostNotAllowed:
      return {"This link was stopped",
              "Its destination is not one that we have checked, so we did not send you there."};
  }
  return {};
}

void append_escaped(std::string_view text, std::string& out) {
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
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
}

constexpr std::string_view kHead =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"robots\" content=\"noindex, nofollow\">\n<meta name=\"color-scheme\" content=\"light "
    "dark\">\n<title>";
constexpr std::string_view kStyle =
    "</title>\n<style>\n"
    ":root{color-scheme:light dark;--back:#faf8f4;--ink:#1f1d1a;--mark:#7a4a16;--line:#d9d2c5}\n"
    "@media (prefers-color-scheme:dark){:root{--back:#181614;--ink:#efeae2;--mark:#e2a765;--line:#3d3831}}\n"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--back);color:var(--ink);"
    "font:1.0625rem/1.6 system-ui,sans-serif}\n"
    "main{max-width:32rem;padding:2rem;border-top:.25rem solid var(--mark)}\n"
    "h1{font-size:1.5rem;line-height:1.25;margin:1rem 0 .5rem}\n"
    "a{color:var(--mark);font-weight:600}\na:focus-visible{outline:.2rem solid var(--mark);outline-offset:.2rem}\n"
    "footer{margin-top:2rem;padding-top:.75rem;border-top:1px solid var(--line);font-size:.875rem}\n"
    "</style>\n</head>\n<body>\n<main>\n<h1>";

}  // namespace

std::string make_fallback_page(FallbackReason reason, std::string_view way_on) {
  const Text text = text_of(reason);
  std::string page(kHead);
  page.reserve(2048);
  page += text.title;
  page += kStyle;
  page += text.title;
  page += "</h1>\n<p>";
  page += text.message;
  page += "</p>\n";
  if (const std::string_view host = host_of(way_on); !host.empty()) {
    page += "<p><a rel=\"noreferrer\" href=\"";
    append_escaped(way_on, page);
    page += "\">Go to ";
    append_escaped(host, page);
    page += "</a></p>\n";
  }
  page += "<footer>Tallystick</footer>\n</main>\n</body>\n</html>\n";
  return page;
}

}  // namespace tallystick::capture
