#include "quality/pattern_set.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>
#include <regex>
#include <stdexcept>

#include <fmt/format.h>
#include <hs.h>

namespace tallystick::quality {

namespace {

struct DatabaseCloser {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
struct ScratchCloser {
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};
using Database = std::unique_ptr<hs_database_t, DatabaseCloser>;
using Scratch = std::unique_ptr<hs_scratch_t, ScratchCloser>;

// Scratch spaces in use and at rest; never more than scans at one time.
class ScratchPool {
 public:
  explicit ScratchPool(const hs_database_t* database) {
    hs_scratch_t* scratch = nullptr;
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) {
      throw std::bad_alloc();
    }
    prototype_.reset(scratch);
  }

  Scratch borrow() {
    {
      const std::lock_guard lock(mutex_);
      if (!resting_.empty()) {
        Scratch scratch = std::move(resting_.back());
        resting_.pop_back();
        return scratch;
      }
    }
    hs_scratch_t* scratch = nullptr;
    if (hs_clone_scratch(prototype_.get(), &scratch) != HS_SUCCESS) {
      throw std::bad_alloc();
    }
    return Scratch(scratch);
  }

  void give_back(Scratch scratch) {
    const std::lock_guard lock(mutex_);
    resting_.push_back(std::move(scratch));
  }

 private:
  std::mutex mutex_;
  Scratch prototype_;
  std::vector<Scratch> resting_;
};

struct Fallback {
  std::size_t number = 0;
  std::regex expression;
  bool is_prefiltered = false;
};

unsigned flags_of(const Pattern& pattern) {
  return HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY | (pattern.is_caseless ? HS_FLAG_CASELESS : 0U);
}

// Whether Hyperscan takes the expression with these flags.
bool is_supported(const std::string& expression, unsigned flags) {
  hs_expr_info_t* info = nullptr;
  hs_compile_error_t* error = nullptr;
  const bool is_good = hs_expression_info(expression.c_str(), flags, &info, &error) == HS_SUCCESS;
  std::free(info);  // Hyperscan hands out malloc'ed memory
  hs_free_compile_error(error);
  return is_good;
}

base::Result<Fallback> make_fallback(const Pattern& pattern, std::size_t number) {
  auto options = std::regex::ECMAScript | std::regex::optimize;
  if (pattern.is_caseless) {
    options |= std::regex::icase;
  }
  try {
    return Fallback{number, std::regex(pattern.expression, options)};
  } catch (const std::regex_error& error) {
    return base::fail(
        base::ErrorKind::kInvalid,
        "bad_pattern",
        fmt::format("pattern {} '{}' is no regular expression: {}", number + 1, pattern.expression, error.what()));
  }
}

struct ScanState {
  std::vector<std::size_t>* found = nullptr;
  const std::vector<std::uint32_t>* fallback_of = nullptr;
  bool stops_early = false;
  bool is_exact_hit = false;
};

int on_match(unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
  auto& state = *static_cast<ScanState*>(context);
  if (state.found != nullptr) {
    state.found->push_back(id);
  }
  if ((*state.fallback_of)[id] == 0) {
    state.is_exact_hit = true;
    return state.stops_early ? 1 : 0;
  }
  return 0;
}

}  // namespace

struct PatternSet::Compiled {
  std::size_t size = 0;
  std::vector<Fallback> fallbacks;
  std::vector<std::size_t> fallback_numbers;
  Database database;
  std::unique_ptr<ScratchPool> scratches;
  // Index into `fallbacks` plus one, for numbers of prefiltered patterns; zero otherwise.
  std::vector<std::uint32_t> fallback_of;

  void scan(std::string_view subject, ScanState& state) const {
    if (!database) {
      return;
    }
    if (subject.data() == nullptr) {
      subject = "";  // a request without the header; Hyperscan refuses a null pointer
    }
    Scratch scratch = scratches->borrow();
    const hs_error_t status = hs_scan(
        database.get(), subject.data(), static_cast<unsigned>(subject.size()), 0, scratch.get(), on_match, &state);
    scratches->give_back(std::move(scratch));
    if (status != HS_SUCCESS && status != HS_SCAN_TERMINATED) {
      throw std::logic_error(fmt::format("Hyperscan returned {}", status));
    }
  }

  [[nodiscard]] bool confirm(const Fallback& fallback, std::string_view subject) const {
    try {
      return std::regex_search(subject.begin(), subject.end(), fallback.expression);
    } catch (const std::regex_error&) {
      return false;  // too complex for this subject; the prefilter alone proves nothing
    }
  }
};

base::Result<PatternSet> PatternSet::make(std::span<const Pattern> patterns) {
  if (patterns.size() > kMaxPatterns) {
    return base::fail(
        base::ErrorKind::kTooLarge, "too_many_patterns", fmt::format("more than {} patterns", kMaxPatterns));
  }
  auto compiled = std::make_unique<Compiled>();
  compiled->size = patterns.size();
  compiled->fallback_of.assign(patterns.size(), 0);
  std::vector<std::string> expressions;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  expressions.reserve(patterns.size());
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const Pattern& pattern = patterns[i];
    if (pattern.expression.empty() || pattern.expression.size() > kMaxExpressionBytes ||
        pattern.expression.find('\0') != std::string::npos) {
      return base::fail(
          base::ErrorKind::kInvalid,
          "bad_pattern",
          fmt::format("pattern {} is empty, has a zero byte or is longer than {} bytes", i + 1, kMaxExpressionBytes));
    }
    std::string expression = pattern.is_literal ? escape_pattern(pattern.expression) : pattern.expression;
    unsigned flag = flags_of(pattern);
    if (!is_supported(expression, flag)) {
      TALLY_ASSIGN(Fallback fallback, make_fallback(pattern, i));
      flag = HS_FLAG_PREFILTER | HS_FLAG_ALLOWEMPTY | (pattern.is_caseless ? HS_FLAG_CASELESS : 0U);
      fallback.is_prefiltered = is_supported(expression, flag);
      const bool is_prefiltered = fallback.is_prefiltered;
      compiled->fallbacks.push_back(std::move(fallback));
      compiled->fallback_numbers.push_back(i);
      compiled->fallback_of[i] = static_cast<std::uint32_t>(compiled->fallbacks.size());
      if (!is_prefiltered) {
        continue;
      }
    }
    expressions.push_back(std::move(expression));
    flags.push_back(flag);
    ids.push_back(static_cast<unsigned>(i));
  }
  if (!expressions.empty()) {
    std::vector<const char*> texts;
    std::transform(
        expressions.begin(), expressions.end(), std::back_inserter(texts), [](const auto& e) { return e.c_str(); });
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    const auto count = static_cast<unsigned>(texts.size());
    if (hs_compile_multi(texts.data(), flags.data(), ids.data(), count, HS_MODE_BLOCK, nullptr, &database, &error) !=
        HS_SUCCESS) {
      const int index = error->expression;
      const std::string which = index >= 0 ? fmt::format("pattern {} '{}': ",
                                                         ids[static_cast<std::size_t>(index)] + 1,
                                                         expressions[static_cast<std::size_t>(index)])
                                           : std::string();
      const std::string message = which + error->message;
      hs_free_compile_error(error);
      return base::fail(base::ErrorKind::kInvalid, "bad_pattern", message);
    }
    compiled->database.reset(database);
    compiled->scratches = std::make_unique<ScratchPool>(database);
  }
  return PatternSet(std::move(compiled));
}

PatternSet::PatternSet(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

std::vector<std::size_t> PatternSet::find_all(std::string_view subject) const {
  subject = subject.substr(0, kMaxSubjectBytes);
  std::vector<std::size_t> hits;
  ScanState state{&hits, &compiled_->fallback_of};
  compiled_->scan(subject, state);
  for (const Fallback& fallback : compiled_->fallbacks) {
    if (!fallback.is_prefiltered) {
      hits.push_back(fallback.number);
    }
  }
  std::sort(hits.begin(), hits.end());
  hits.erase(std::unique(hits.begin(), hits.end()), hits.end());
  std::erase_if(hits, [&](std::size_t number) {
    const std::uint32_t which = compiled_->fallback_of[number];
    return which != 0 && !compiled_->confirm(compiled_->fallbacks[which - 1], subject);
  });
  return hits;
}

bool PatternSet::matches_any(std::string_view subject) const {
  if (!compiled_->fallbacks.empty()) {
    return !find_all(subject).empty();
  }
  ScanState state{nullptr, &compiled_->fallback_of, true};
  compiled_->scan(subject.substr(0, kMaxSubjectBytes), state);
  return state.is_exact_hit;
}

std::size_t PatternSet::size() const {
  return compiled_->size;
}
const std::vector<std::size_t>& PatternSet::fallbacks() const {
  return compiled_->fallback_numbers;
}

std::string escape_pattern(std::string_view literal) {
  std::string out;
  for (const char c : literal) {
    const bool is_plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '_';
    if (is_plain || static_cast<unsigned char>(c) >= 0x80) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

}  // namespace tallystick::quality
