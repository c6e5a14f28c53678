#pragma once
// Where everything lies in the data directory.

#include <filesystem>
#include <string>
#include <utility>

namespace tallystick::server {

class DataDirectory {
 public:
  explicit DataDirectory(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::filesystem::path journal() const { return root_ / "journal"; }
  [[nodiscard]] std::filesystem::path keys() const { return root_ / "keys"; }  // 0700
  [[nodiscard]] std::filesystem::path log_key_file() const { return keys() / "log.key"; }
  [[nodiscard]] std::filesystem::path key_ring_file() const { return keys() / "ring.json"; }
  // Left by `serve --demo-key` for the demo: an API key with the scopes it needs.
  [[nodiscard]] std::filesystem::path demo_key_file() const { return keys() / "demo.key"; }
  [[nodiscard]] std::filesystem::path records_file() const { return root_ / "records.db"; }
  // The built-in ClickHouse's tables and socket: derived from the journal.
  [[nodiscard]] std::filesystem::path engine() const { return root_ / "engine"; }
  // How this node calls itself, unless node.name says otherwise.
  [[nodiscard]] std::filesystem::path node_file() const { return root_ / "node"; }
  // The files of partners' reports, each under its digest.
  [[nodiscard]] std::filesystem::path reports() const { return root_ / "reports"; }
  // While the server runs: its address, for commands on the same machine.
  [[nodiscard]] std::filesystem::path address_file() const { return root_ / "address"; }

 private:
  std::filesystem::path root_;
};

}  // namespace tallystick::server
