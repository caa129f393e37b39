// Any bytes as a media segment, as H.264 in Annex B and as codec configurations.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "media/mp4.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const auto facts = media::read_mp4_segment(bytes);
  ENSURE(facts.has_value() ? facts->samples > 0 : !facts.error().message.empty());
  const auto config = media::avc_config_from_annex_b(bytes);
  ENSURE(!config.has_value() || media::avc_codec_string(*config).has_value());
  const std::string sample = media::annex_b_to_length_prefixed(bytes);
  const auto written = media::read_mp4_segment(media::write_mp4_fragment(1, size, {{.bytes = sample, .duration = 1}}));
  ENSURE(written.has_value() && written->decode_time == size);
  const auto codec = media::aac_codec_string(bytes);
  ENSURE(!codec.has_value() || codec->starts_with("mp4a.40."));
  return 0;
}
