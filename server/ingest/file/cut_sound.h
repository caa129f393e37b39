// Cutting a piece of sound to a span of time, to the sample. Pure.
#pragma once

#include "server/ingest/source.h"

namespace server {

// Each may leave nothing.
void cut_before(AudioBlock& block, base::Duration from);
void cut_behind(AudioBlock& block, base::Duration until);
// Of its last sample.
base::Duration end_of(const AudioBlock& block);

}  // namespace server
