// MediaSite: every URL of the delivery port: streams, the watch page, its scripts, the clock, health. Routing decides from the
// request, the streams and the time alone; no socket is needed to test it. Called on any delivery thread.
//
//   /live/NAME, /vod/NAME  master.m3u8 · manifest.mpd · TRACK/playlist.m3u8 · TRACK/init.mp4 · TRACK/SEGMENT
//   /watch/NAME  /static/FILE  /time  /health
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "server/access/audit.h"
#include "server/access/token_authority.h"
#include "server/cmcd/log.h"
#include "server/delivery/metrics.h"
#include "server/delivery/render_cache.h"
#include "server/delivery/request_handler.h"
#include "server/delivery/target.h"

namespace server {

// Whose pages may frame the embed page and start its player, besides the server's own: origins such as "https://news.example", or "*".
using EmbedOrigins = std::vector<std::string>;

class MediaSite final : public RequestHandler {
 public:
  // All must outlive the site.
  MediaSite(const StreamDirectory& streams, TokenAuthority& tokens, AuditLog& audit, CmcdLog& cmcd, prometheus::Registry& registry,
            EmbedOrigins embed_origins = {})
      : streams_{streams}, tokens_{tokens}, audit_{audit}, cmcd_{cmcd}, metrics_{registry}, embed_origins_{std::move(embed_origins)} {}

  Response answer(const Request& request, base::UtcTime now) override;
  void finished(const Response& response, base::ByteCount sent, base::Duration took) override;
  void connections_changed(int by) override { metrics_.connections(by); }

 private:
  struct Visit;
  Response route(const Request& request, const Target& target, base::UtcTime now);
  Response stream(const Request& request, const Target& target, base::UtcTime now);
  CmcdReportPtr said_with(const Request& request, const Target& target, base::UtcTime now);
  Response refuse(const Visit& visit) const;
  Response file_of_stream(const Visit& visit);
  Response file_of_track(const Visit& visit);
  Response multivariant(const Visit& visit);
  Response manifest(const Visit& visit);
  Response page(const Target& target) const;
  Response asset(const Request& request, const Target& target);

  const StreamDirectory& streams_;
  TokenAuthority& tokens_;
  AuditLog& audit_;
  CmcdLog& cmcd_;
  DeliveryMetrics metrics_;
  const EmbedOrigins embed_origins_;
  RenderCache rendered_;
  std::mutex assets_mutex_;
  std::map<std::string, RenderedPtr> assets_;  // compressed when first asked for
};

}  // namespace server
