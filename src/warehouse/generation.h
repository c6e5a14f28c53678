#pragma once
// The warehouse exists in generations, a database each: tallystick_1, tallystick_2, ... A rebuild fills a new one
// beside the one that is read; the current one is the highest that is ready. Functions of one client; one process at a
// time makes and drops.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "warehouse/client.h"
#include "warehouse/layout.h"

namespace tallystick::warehouse {

// Letters, digits and '_', not empty.
[[nodiscard]] bool is_database_prefix(std::string_view prefix);

struct Generation {
  std::uint64_t number = 0;
  bool is_ready = false;

  friend bool operator==(const Generation&, const Generation&) = default;
};

// Whose databases: several installations may share a server.
struct GenerationNames {
  std::string prefix = "tallystick";  // letters, digits and '_'
  std::string cluster = {};           // empty: one server
  Retention retention = {};
  Durability durability = Durability::kInsert;

  [[nodiscard]] Layout layout_of(std::uint64_t number) const;  // database "<prefix>_<number>"
};

// Ascending.
[[nodiscard]] base::Result<std::vector<Generation>> load_generations(Client& client, const GenerationNames& names);
// The highest that is ready.
[[nodiscard]] std::optional<std::uint64_t> find_current(const std::vector<Generation>& generations);

// Makes the database, or completes one that is there, with all migrations. Not ready yet.
[[nodiscard]] base::Result<void> make_generation(Client& client,
                                                 const GenerationNames& names,
                                                 std::uint64_t number,
                                                 base::Timestamp now);
[[nodiscard]] base::Result<void> mark_ready(Client& client,
                                            const GenerationNames& names,
                                            std::uint64_t number,
                                            base::Timestamp now);
// Success when there is none.
[[nodiscard]] base::Result<void> drop_generation(Client& client, const GenerationNames& names, std::uint64_t number);

}  // namespace tallystick::warehouse
