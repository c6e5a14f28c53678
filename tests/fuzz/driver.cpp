// Runs a fuzz target without libFuzzer: every seed of its file as it stands, then seeded mutations of them. The inputs
// are the same every time, so `make test` depends neither on luck nor on speed; `make fuzz` looks for new ones.
//   <target> <seed file> <mutations>
// On a failure the input is printed as a line for the seed file: with it there, the finding has its regression test.
#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// A target may have it, for what is made once.
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

constexpr std::size_t kMaxInputBytes = 4096;
constexpr unsigned kMaxSecondsPerInput = 30;
constexpr std::string_view kHexDigits = "0123456789abcdef";

// What the signal handler prints. Handlers take no argument, so this is the one place for it.
std::string_view current_input;

// Only calls that a signal handler may make.
void report_and_die(int signal) {
  std::array<char, kMaxInputBytes * 4> text;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled up to `size`
  std::size_t size = 0;
  for (const char c : current_input) {
    if (c >= ' ' && c <= '~' && c != '\\') {
      text[size++] = c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text[size++] = '\\';
    text[size++] = 'x';
    text[size++] = kHexDigits[byte / 16];
    text[size++] = kHexDigits[byte % 16];
  }
  const std::string_view title = signal == SIGALRM ? "\nToo slow, input:\n" : "\nFailed, input:\n";
  for (const std::string_view part : {title, std::string_view(text.data(), size), std::string_view("\n")}) {
    if (::write(STDERR_FILENO, part.data(), part.size()) < 0) {
      break;
    }
  }
  ::_exit(1);
}

// One input a line; \xNN stands for any byte. An empty line is the empty input.
std::optional<std::string> parse_seed(std::string_view line) {
  std::string bytes;
  while (!line.empty()) {
    if (line.front() != '\\') {
      bytes += line.front();
      line.remove_prefix(1);
      continue;
    }
    unsigned value = 0;
    if (line.size() < 4 || line[1] != 'x' ||
        std::from_chars(line.data() + 2, line.data() + 4, value, 16).ptr != line.data() + 4) {
      return std::nullopt;
    }
    bytes += static_cast<char>(value);
    line.remove_prefix(4);
  }
  return bytes;
}

std::vector<std::string> load_seeds(const char* path) {
  std::vector<std::string> seeds;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto seed = parse_seed(line);
    if (!seed || seed->size() > kMaxInputBytes) {
      std::cerr << path << ": not a seed: " << line << "\n";
      return {};
    }
    seeds.push_back(*seed);
  }
  return seeds;
}

void run(std::string_view input) {
  // A copy of exactly its size on the heap: the address sanitizer sees a read behind its end.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  current_input = input;
  ::alarm(kMaxSecondsPerInput);
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  current_input = {};
}

// The generator's numbers are laid down by the standard, a distribution's are not.
class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string input = seeds_[below(seeds_.size())];
    for (std::size_t steps = 1 + below(4); steps > 0; --steps) {
      change(input);
    }
    input.resize(std::min(input.size(), kMaxInputBytes));
    return input;
  }

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

  std::string piece_of(const std::string& text) {
    const std::size_t start = below(text.size() + 1);
    return text.substr(start, below(32));
  }

  void change(std::string& input) {
    const std::size_t at = below(input.size() + 1);
    switch (below(7)) {
      case 0:  // another byte
        if (at < input.size()) {
          input[at] = static_cast<char>(below(256));
        }
        break;
      case 1:  // another bit
        if (at < input.size()) {
          input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        }
        break;
      case 2:
        input.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 3:
        input.erase(at, below(16));
        break;
      case 4:
        input.insert(at, piece_of(input));
        break;
      case 5:
        input.insert(at, piece_of(seeds_[below(seeds_.size())]));
        break;
      default:
        input.replace(at, below(16), piece_of(seeds_[below(seeds_.size())]));
        break;
    }
  }

  const std::vector<std::string>& seeds_;
  std::mt19937_64 random_{1};
};

}  // namespace

int main(int argc, char** argv) {
  unsigned mutations = 0;
  if (argc != 3 || std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), mutations).ec != std::errc()) {
    std::cerr << "usage: " << argv[0] << " <seed file> <mutations>\n";
    return 2;
  }
  const std::vector<std::string> seeds = load_seeds(argv[1]);
  if (seeds.empty()) {
    std::cerr << argv[1] << ": no seeds\n";
    return 2;
  }
  for (const int signal : {SIGABRT, SIGALRM}) {
    std::signal(signal, report_and_die);
  }
  if (LLVMFuzzerInitialize != nullptr) {
    LLVMFuzzerInitialize(&argc, &argv);
  }
  for (const std::string& seed : seeds) {
    run(seed);
  }
  Mutator mutator(seeds);
  for (unsigned i = 0; i < mutations; ++i) {
    run(mutator.next());
  }
  ::alarm(0);
  std::cout << seeds.size() << " seeds, " << mutations << " mutations\n";
  return 0;
}
