#include "warehouse/compression.h"

#include <stdexcept>

#include <zstd.h>

namespace tallystick::warehouse {

namespace {

constexpr int kLevel = 1;  // columns of numbers gain little from more

struct ContextCloser {
  void operator()(ZSTD_CCtx* context) const { ::ZSTD_freeCCtx(context); }
};

}  // namespace

struct Compressor::State {
  std::unique_ptr<ZSTD_CCtx, ContextCloser> context{::ZSTD_createCCtx()};
};

Compressor::Compressor() : state_(std::make_unique<State>()) {
  if (!state_->context) {
    throw std::runtime_error("Zstandard gives no context");
  }
}

Compressor::~Compressor() = default;

void Compressor::compress(std::string_view data, std::string& out) {
  out.resize(::ZSTD_compressBound(data.size()));
  const std::size_t size =
      ::ZSTD_compressCCtx(state_->context.get(), out.data(), out.size(), data.data(), data.size(), kLevel);
  if (::ZSTD_isError(size) != 0U) {
    throw std::runtime_error(std::string("Zstandard: ") + ::ZSTD_getErrorName(size));
  }
  out.resize(size);
}

}  // namespace tallystick::warehouse
