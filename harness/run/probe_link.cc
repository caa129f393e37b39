#include "harness/run/probe_link.h"

#include "harness/scenario/catalogue.h"

namespace harness {

const netem::LinkSpec& probe_link() {
  static const netem::LinkSpec link = [] {
    netem::LinkSpec fibre = built_in_catalogue().networks.at("fibre").link;
    fibre.up.rate = fibre.down.rate = netem::Unlimited{};
    return fibre;
  }();
  return link;
}

}  // namespace harness
