#pragma once
// The table of routes. A pattern is a path with {name} segments ("/api/partners/{partner}/links") and
// may end in {rest...}, which takes the remaining segments. Every route declares its scope; "public" is
// a declaration too. Built at start, then immutable and thread-safe.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace tallystick::http {

using Handler = std::function<Response(const Request&)>;

inline constexpr std::size_t kDefaultBodyBytes = 64UZ * 1024;

struct Route {
  Method method = Method::kGet;
  std::string pattern;
  std::string scope;     // "public" or a scope of room `access`, e.g. "partners:write"
  std::string summary;   // one line, for the API reference
  Handler handler = {};  // on the worker pool; may block
  int inline_tag = -1;   // >= 0: handled on the reactor by ReactorService::handle with this tag instead
  std::size_t max_body_bytes = kDefaultBodyBytes;
  // Pages of any origin may call it: the server answers preflights and adds Access-Control-Allow-Origin: *.
  bool is_cross_origin = false;
};

struct PathParameter {
  std::string_view name;
  std::string_view value;  // still percent-encoded
};

struct Match {
  const Route* route = nullptr;  // null: no such path, or no such method on it
  std::vector<PathParameter> parameters;
  bool is_path_known = false;  // with route null: answer 405
};

// What a path answers to, for 405 and OPTIONS.
struct PathSummary {
  std::string allow;  // "GET, HEAD, OPTIONS"; empty: no such path
  bool is_cross_origin = false;
};

class Router {
 public:
  Router();
  ~Router();
  // Throws std::invalid_argument on a bad pattern, a missing scope, or a route that is there already.
  void add(Route route);
  // HEAD falls back to the GET route. A literal segment beats a parameter, a parameter beats the rest;
  // a parameter is never empty, a rest may be. Does not allocate once `out.parameters` has grown.
  void match(Method method, std::string_view path, Match& out) const;
  [[nodiscard]] PathSummary summarise(std::string_view path) const;
  [[nodiscard]] const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  struct Node;
  // The node at the end of the route's pattern, made where it is missing.
  [[nodiscard]] Node* grow(const Route& route, std::vector<std::string>& names, bool& has_rest);

  std::vector<std::unique_ptr<Route>> routes_;
  std::unique_ptr<Node> root_;
};

inline constexpr std::string_view kPublicScope = "public";

// Who is asking, or why the handler is not asked at all; and headers for the answer in either case.
struct Admission {
  base::Result<Principal> principal;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Decides who may use a route, and how often; implemented by room `access`.
class Gatekeeper {
 public:
  virtual ~Gatekeeper() = default;
  // On the worker pool, for public routes too (a principal without an id). kUnauthenticated, kForbidden or kRateLimited
  // when not allowed.
  [[nodiscard]] virtual Admission admit(const Request& request, std::string_view scope) = 0;
};

}  // namespace tallystick::http
