#pragma once
// Figures by key, in the order in which the keys were first seen. Cleared, it keeps the memory of the figures, unless
// there were very many. One thread.

#include <cstddef>
#include <deque>
#include <unordered_map>

namespace tallystick::warehouse {

template <typename Key, typename Figures, typename Hash>
class KeyedFigures {
 public:
  struct Entry {
    Key key;
    Figures figures;
  };

  // `reset` makes figures that were used before new again. Stays where it is until clear().
  [[nodiscard]] Figures& at(const Key& key, auto reset) {
    const auto [found, is_new] = places_.try_emplace(key, places_.size());
    if (is_new) {
      if (found->second == entries_.size()) {
        entries_.emplace_back();
      } else {
        reset(entries_[found->second].figures);
      }
      entries_[found->second].key = key;
    }
    return entries_[found->second].figures;
  }

  void for_each(auto visit) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      visit(entries_[i].key, entries_[i].figures);
    }
  }

  void clear() {
    if (places_.size() > kMaxKept) {
      places_ = {};
      entries_ = {};
    }
    places_.clear();
  }

 private:
  static constexpr std::size_t kMaxKept = 20'000;

  std::unordered_map<Key, std::size_t, Hash> places_;
  std::deque<Entry> entries_;
};

}  // namespace tallystick::warehouse
