#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/slug.h"
#include "base/time_zone.h"
#include "base/toml_file.h"
#include "settlement/profile.h"

namespace tallystick::settlement {
namespace {

constexpr std::size_t kMaxNames = 50;  // of a list
constexpr std::size_t kMaxTextLength = 200;
constexpr std::int64_t kMaxPreambleLines = 200;

using reconcile::Status;

constexpr auto kStatusLists = std::to_array<std::pair<std::string_view, Status>>({{"reversed", Status::kReversed},
                                                                                  {"paid", Status::kPaid},
                                                                                  {"approved", Status::kApproved},
                                                                                  {"pending", Status::kPending}});

// Reads one file; whatever is wrong with it is collected.
class ProfileReader {
 public:
  ProfileReader(std::string_view toml, std::string_view origin) : origin_(origin) {
    base::TomlFile file = base::parse_toml(toml);
    if (!file.error.empty()) {
      add_finding(file.error_line, file.error);
    }
    for (base::TomlItem& item : file.items) {
      std::string key = item.key;
      items_.emplace(std::move(key), std::move(item));
    }
  }

  base::Result<Profile> read() {
    if (findings_.empty()) {
      read_names();
      read_columns();
      read_values();
      read_statuses();
      read_lines();
      for (const auto& [key, item] : items_) {
        add_finding(item.line, key + " is not a key of profiles");
      }
      check();
    }
    if (!findings_.empty()) {
      base::Error error{base::ErrorKind::kInvalid, "bad_profile", ""};
      error.message = fmt::format("{} is no profile: {}", origin_, findings_.front().detail);
      error.fields = findings_;
      return std::unexpected(std::move(error));
    }
    profile_.origin = origin_;
    return std::move(profile_);
  }

 private:
  void add_finding(std::uint32_t line, std::string detail) {
    findings_.push_back({fmt::format("{}:{}", origin_, line), "bad_profile", std::move(detail)});
  }

  template <typename T>
  std::optional<T> take(const std::string& key, std::string_view wanted) {
    const auto node = items_.extract(key);
    line_ = node ? node.mapped().line : 0;
    if (!node) {
      return std::nullopt;
    }
    const auto& value = node.mapped().value;
    if (!value || !std::holds_alternative<T>(*value)) {
      add_finding(line_, fmt::format("{} takes {}", key, wanted));
      return std::nullopt;
    }
    return std::get<T>(*value);
  }
  std::string take_text(const std::string& key) {
    auto text = take<std::string>(key, "a text").value_or("");
    if (text.size() > kMaxTextLength) {
      add_finding(line_, fmt::format("{} has at most {} characters", key, kMaxTextLength));
    }
    return text;
  }
  std::vector<std::string> take_texts(const std::string& key) {
    auto texts = take<std::vector<std::string>>(key, "a list of texts").value_or(std::vector<std::string>());
    if (texts.size() > kMaxNames) {
      add_finding(line_, fmt::format("{} has at most {} entries", key, kMaxNames));
    }
    return texts;
  }
  // Names of our fields.
  std::vector<Field> take_fields(const std::string& key) {
    std::vector<Field> fields;
    for (const std::string& name : take_texts(key)) {
      if (const auto field = find_field(name)) {
        fields.push_back(*field);
      } else {
        add_finding(line_, fmt::format("{}: {} is not a field", key, name));
      }
    }
    return fields;
  }

  void read_names() {
    profile_.name = take_text("name");
    profile_.network = take_text("network");
    profile_.title = take_text("title");
    if (!base::is_slug(profile_.name)) {
      add_finding(line_, "name is lower-case letters, digits and hyphens, such as acme-orders");
    }
    if (!base::is_slug(profile_.network)) {
      add_finding(line_, "network is that of the partners whose reports these are, or generic");
    }
    const std::string kind = take_text("kind");
    if (kind == "clicks") {
      profile_.kind = ReportKind::kClicks;
    } else if (!kind.empty() && kind != "commissions") {
      add_finding(line_, "kind is commissions or clicks");
    }
  }

  void read_columns() {
    for (std::size_t i = 0; i < kFieldCount; ++i) {
      for (const std::string& name : take_texts(fmt::format("columns.{}", name_of(static_cast<Field>(i))))) {
        profile_.columns[i].push_back(parse_column_name(name).name);
      }
    }
    profile_.required = take_fields("required");
    profile_.key = take_fields("key");
  }

  void read_values() {
    for (const std::string& text : take_texts("dates.formats")) {
      if (auto format = tabular::DateFormat::compile(text)) {
        profile_.date_formats.push_back(*std::move(format));
      } else {
        add_finding(line_, format.error().message);
      }
    }
    profile_.time_zone = take_text("dates.time_zone");
    if (!profile_.time_zone.empty() && !base::TimeZone::find(profile_.time_zone)) {
      add_finding(line_, "dates.time_zone is an IANA name such as Europe/Berlin");
    }
    const std::string mark = take_text("amounts.decimal_mark");
    if (mark == "point") {
      profile_.mark = tabular::DecimalMark::kPoint;
    } else if (mark == "comma") {
      profile_.mark = tabular::DecimalMark::kComma;
    } else if (!mark.empty() && mark != "auto") {
      add_finding(line_, "amounts.decimal_mark is auto, point or comma");
    }
    if (const std::string code = take_text("amounts.currency"); !code.empty()) {
      if (const auto currency = base::parse_currency(code)) {
        profile_.currency = *currency;
      } else {
        add_finding(line_, "amounts.currency is a code such as EUR");
      }
    }
    if (take<bool>("amounts.round", "true or false").value_or(false)) {
      profile_.excess = tabular::Excess::kRoundToEven;
    }
    profile_.has_negative_corrections = take<bool>("corrections.negative", "true or false").value_or(false);
    profile_.correction_fields = take_fields("corrections.fields");
  }

  void read_statuses() {
    for (const auto& [name, status] : kStatusLists) {
      const std::string key = fmt::format("status.{}", name);
      for (const std::string& text : take_texts(key)) {
        const std::size_t colon = text.find(':');
        const auto field = find_field(std::string_view(text).substr(0, colon));
        if (colon == std::string::npos || !field) {
          add_finding(line_, fmt::format("{}: {} is not of the form status:approved", key, text));
          continue;
        }
        const std::string value = text.substr(colon + 1);
        profile_.status_rules.push_back({*field, value == "*" ? value : normal_form(value), status});
      }
    }
    const std::string fallback = take_text("status.default");
    const auto* found = std::ranges::find(kStatusLists, fallback, &std::pair<std::string_view, Status>::first);
    if (found != kStatusLists.end()) {
      profile_.default_status = found->second;
    } else if (!fallback.empty()) {
      add_finding(line_, "status.default is pending, approved, paid or reversed");
    }
  }

  void read_lines() {
    for (const std::string& label : take_texts("lines.totals")) {
      profile_.total_labels.push_back(normal_form(label));
    }
    if (const auto lines = take<std::int64_t>("lines.max_preamble", "a number")) {
      profile_.max_preamble_lines = *lines;
      if (*lines < 0 || *lines > kMaxPreambleLines) {
        add_finding(line_, fmt::format("lines.max_preamble is 0 to {}", kMaxPreambleLines));
      }
    }
  }

  void check() {
    const auto expect = [&](Field field) {
      if (std::ranges::find(profile_.required, field) == profile_.required.end()) {
        add_finding(0, fmt::format("{} has to be among the required", name_of(field)));
      }
    };
    expect(Field::kOccurred);
    expect(profile_.kind == ReportKind::kClicks ? Field::kClicks : Field::kCommission);
    for (const auto& fields : {profile_.required, profile_.key}) {
      for (const Field field : fields) {
        if (profile_.names(field).empty()) {
          add_finding(0, fmt::format("columns.{} is missing", name_of(field)));
        }
      }
    }
    if (profile_.date_formats.empty()) {
      add_finding(0, "dates.formats is missing");
    }
  }

  const std::string origin_;
  std::map<std::string, base::TomlItem> items_;
  std::uint32_t line_ = 0;  // of what was taken last
  std::vector<base::FieldError> findings_;
  Profile profile_;
};

}  // namespace

base::Result<Profile> parse_profile(std::string_view toml, std::string_view origin) {
  return ProfileReader(toml, origin).read();
}

}  // namespace tallystick::settlement
