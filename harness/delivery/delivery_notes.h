// What a report says of a simulated delivery in sentences: how it was modelled, and which constants are measured, given or assumed. Where
// it broke is in its rows (reports/formats/words/breaks.h). Pure.
#pragma once

#include <string>
#include <vector>

#include "harness/scenario/virtual_world.h"
#include "reports/record/rows.h"

namespace harness {

std::vector<std::string> delivery_notes(const VirtualWorld& world, const std::vector<reports::DeliveryRow>& rows);

}  // namespace harness
