#include "harness/app/replay.h"

#include <fmt/format.h>

namespace harness {

CLI::App* add_replay(CLI::App& app, ReplayArguments& arguments) {
  ReplayOptions& options = arguments.options;
  CLI::App* verb = app.add_subcommand("replay", "recordings of real players against their emulations, in virtual time");
  verb->add_option("RECORDING", options.recordings, "recordings (JSON, docs/replay.md), or folders of them")->required();
  verb->add_option("--content", options.content, "content table (default: segments.json beside each recording)");
  verb->add_option("--traces", options.traces, "folder of link traces (default: traces/ beside each recording)");
  verb->add_option("--device", options.device, "emulate this device of the catalogue (default: the recording's player)");
  verb->add_option("--tcp", arguments.tcp, "packet: every packet of TCP; fluid: a window a round trip")->capture_default_str();
  verb->add_option("--congestion-control", arguments.congestion_control, "of the server's side: cubic or bbr")->capture_default_str();
  verb->add_flag("--requests", options.requests, "list the requests of both, side by side");
  verb->add_flag("--json", options.json, "everything as one JSON document");
  verb->add_flag("--strict", options.strict, "exit 99 when a target is missed");
  return verb;
}

base::ExitCode run_replay(const ReplayArguments& arguments) {
  ReplayOptions options = arguments.options;
  if (arguments.tcp != "packet" && arguments.tcp != "fluid")
    throw base::InvalidInput("command line", {{"--tcp", fmt::format("\"{}\" is not a model of TCP; known: packet, fluid", arguments.tcp)}});
  options.tcp = arguments.tcp == "packet" ? TcpModel::kPacket : TcpModel::kFluid;
  const auto control = modelled_congestion_control(arguments.congestion_control);
  if (!control)
    throw base::InvalidInput(
        "command line", {{"--congestion-control", fmt::format("\"{}\" is not modelled; known: cubic, bbr", arguments.congestion_control)}});
  options.congestion_control = *control;
  return replay(options);
}

}  // namespace harness
