#include "warehouse/text_dictionary.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tallystick::warehouse {
namespace {

using namespace std::string_literals;

TEST(TextDictionary, NumbersTextsAsTheyComeAndWritesThemBehindTheirLength) {
  TextDictionary texts;
  EXPECT_EQ(texts.number_of("DE"), 0U);
  EXPECT_EQ(texts.number_of(""), 1U);
  EXPECT_EQ(texts.number_of("DE"), 0U);
  const std::string long_text(300, 'x');
  EXPECT_EQ(texts.number_of(long_text), 2U);
  EXPECT_EQ(texts.number_of(long_text), 2U);
  EXPECT_EQ(texts.size(), 3U);
  EXPECT_EQ(texts.bytes(),
            "\x02"
            "DE"
            "\x00"
            "\xAC\x02"s +
                long_text);
}

// Sizes around those of the numbers that texts are first compared by, and texts that differ in one byte.
TEST(TextDictionary, TellsApartWhateverDiffers) {
  std::vector<std::string> all;
  for (std::size_t size = 0; size <= 20; ++size) {
    all.emplace_back(size, '\0');
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, '\0');
      text[at] = 'a';
      all.push_back(text);
    }
  }
  TextDictionary texts;
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(texts.number_of(all[i]), i);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(texts.number_of(all[i]), i);
  }
}

TEST(TextDictionary, AgreesWithAMapAlsoAfterClear) {
  TextDictionary texts;
  EXPECT_TRUE(rc::check([&texts] {
    texts.clear();
    RC_ASSERT(texts.bytes().empty());
    std::map<std::string, std::uint32_t> expected;
    const auto few =
        *rc::gen::container<std::vector<std::string>>(rc::gen::container<std::string>(rc::gen::elementOf("ab\x00"s)));
    for (const std::string& text : few) {
      const auto [entry, is_new] = expected.emplace(text, static_cast<std::uint32_t>(expected.size()));
      RC_ASSERT(texts.number_of(text) == entry->second);
    }
    RC_ASSERT(texts.size() == expected.size());
  }));
}

}  // namespace
}  // namespace tallystick::warehouse
