#include "http/router.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace tallystick::http {

namespace {

constexpr std::size_t kMethods = static_cast<std::size_t>(Method::kOther) + 1;

[[noreturn]] void reject(const Route& route, const char* why) {
  throw std::invalid_argument("route " + std::string(name_of(route.method)) + " " + route.pattern + ": " + why);
}

bool is_parameter_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

// One segment of the trie. Parameter names belong to the routes: two routes may name the same place differently.
struct Router::Node {
  struct Leaf {
    const Route* route = nullptr;
    std::vector<std::string> names;
  };
  struct Literal {
    std::string text;
    std::unique_ptr<Node> node;
  };

  std::vector<Literal> literals;
  std::unique_ptr<Node> parameter;
  std::array<Leaf, kMethods> leaves{};
  std::array<Leaf, kMethods> rest_leaves{};

  [[nodiscard]] const Node* find_literal(std::string_view text) const {
    for (const Literal& literal : literals) {
      if (literal.text == text) {
        return literal.node.get();
      }
    }
    return nullptr;
  }

  Node& make_literal(std::string_view text) {
    for (const Literal& literal : literals) {
      if (literal.text == text) {
        return *literal.node;
      }
    }
    literals.push_back({std::string(text), std::make_unique<Node>()});
    return *literals.back().node;
  }

  Node& make_parameter() {
    if (!parameter) {
      parameter = std::make_unique<Node>();
    }
    return *parameter;
  }

  static const Leaf* find_leaf(const std::array<Leaf, kMethods>& leaves, Method method, bool& is_known) {
    const Leaf* leaf = &leaves[static_cast<std::size_t>(method)];
    if (leaf->route == nullptr && method == Method::kHead) {
      leaf = &leaves[static_cast<std::size_t>(Method::kGet)];
    }
    if (leaf->route != nullptr) {
      return leaf;
    }
    is_known = is_known || std::any_of(leaves.begin(), leaves.end(), [](const Leaf& l) { return l.route != nullptr; });
    return nullptr;
  }

  // `rest` is the path after the slash before this node's children, or has_rest is false at the end of the
  // path. Depth is bounded by the deepest pattern.
  const Leaf* find(Method method, std::string_view rest, bool has_rest, Match& out) const {
    if (!has_rest) {
      return find_leaf(leaves, method, out.is_path_known);
    }
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    const bool has_more = slash != std::string_view::npos;
    const std::string_view more = has_more ? rest.substr(slash + 1) : std::string_view{};
    if (const Node* node = find_literal(segment)) {
      if (const Leaf* leaf = node->find(method, more, has_more, out)) {
        return leaf;
      }
    }
    const std::size_t depth = out.parameters.size();
    if (parameter && !segment.empty()) {
      out.parameters.push_back({{}, segment});
      if (const Leaf* leaf = parameter->find(method, more, has_more, out)) {
        return leaf;
      }
      out.parameters.resize(depth);
    }
    if (const Leaf* leaf = find_leaf(rest_leaves, method, out.is_path_known)) {
      out.parameters.push_back({{}, rest});
      return leaf;
    }
    return nullptr;
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

Router::Node* Router::grow(const Route& route, std::vector<std::string>& names, bool& has_rest) {
  Node* node = root_.get();
  std::string_view left = std::string_view(route.pattern).substr(1);
  for (bool is_more = true; is_more;) {
    if (has_rest) {
      reject(route, "{rest...} must be the last segment");
    }
    const std::size_t slash = left.find('/');
    std::string_view segment = left.substr(0, slash);
    is_more = slash != std::string_view::npos;
    left.remove_prefix(is_more ? slash + 1 : left.size());
    if (segment.find_first_of("{}") == std::string_view::npos) {
      node = &node->make_literal(segment);
      continue;
    }
    if (!segment.starts_with('{') || !segment.ends_with('}')) {
      reject(route, "a parameter takes a whole segment");
    }
    segment = segment.substr(1, segment.size() - 2);
    has_rest = segment.ends_with("...");
    const std::string name(segment.substr(0, segment.size() - (has_rest ? 3 : 0)));
    if (!is_parameter_name(name) || std::find(names.begin(), names.end(), name) != names.end()) {
      reject(route, "a parameter needs a name of its own");
    }
    names.push_back(name);
    if (!has_rest) {
      node = &node->make_parameter();
    }
  }
  return node;
}

void Router::add(Route route) {
  if (route.scope.empty()) {
    reject(route, "every route declares its scope");
  }
  if (!route.handler && route.inline_tag < 0) {
    reject(route, "there is neither a handler nor an inline tag");
  }
  if (!route.pattern.starts_with('/')) {
    reject(route, "a pattern begins with '/'");
  }
  std::vector<std::string> names;
  bool has_rest = false;
  Node* node = grow(route, names, has_rest);
  auto& leaves = has_rest ? node->rest_leaves : node->leaves;
  Node::Leaf& leaf = leaves[static_cast<std::size_t>(route.method)];
  if (leaf.route != nullptr) {
    reject(route, "the route is there already");
  }
  routes_.push_back(std::make_unique<Route>(std::move(route)));
  leaf = {routes_.back().get(), std::move(names)};
}

void Router::match(Method method, std::string_view path, Match& out) const {
  out.route = nullptr;
  out.is_path_known = false;
  out.parameters.clear();
  if (!path.starts_with('/')) {
    return;
  }
  const Node::Leaf* leaf = root_->find(method, path.substr(1), true, out);
  if (leaf == nullptr) {
    out.parameters.clear();
    return;
  }
  out.route = leaf->route;
  out.is_path_known = true;
  for (std::size_t i = 0; i < out.parameters.size(); ++i) {
    out.parameters[i].name = leaf->names[i];
  }
}

PathSummary Router::summarise(std::string_view path) const {
  PathSummary summary;
  Match found;
  for (std::size_t i = 0; i < kMethods - 1; ++i) {
    const Method method = static_cast<Method>(i);
    match(method, path, found);
    if (found.route == nullptr && (method != Method::kOptions || summary.allow.empty())) {
      continue;
    }
    summary.allow += summary.allow.empty() ? "" : ", ";
    summary.allow += name_of(method);
    summary.is_cross_origin = summary.is_cross_origin || (found.route != nullptr && found.route->is_cross_origin);
  }
  return summary;
}

}  // namespace tallystick::http
