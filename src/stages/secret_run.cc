#include "stages/secret_run.h"

#include <algorithm>
#include <mutex>

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/strings.h"
#include "core/world/sealed_box.h"

namespace lakeshift::stages {
namespace {

constexpr std::size_t kPart = std::size_t{12} * 1024;  // of a value: commands cut what they print
constexpr std::size_t kDigest = 64, kLength = 16;      // hex digits before the bytes of a part
constexpr int kClusterPolls = 360, kCommandPolls = 600;
constexpr world::Millis kFirstPause{250}, kClusterPause{5000}, kMostPause{2000};

// Prints one part of a value, sealed. Only what every Python has: OAEP is RFC 8017, 7.1.1.
constexpr const char* kReadPart = R"(
import base64, hashlib, os
def mask(seed, size):
    made, i = b"", 0
    while len(made) < size:
        made += hashlib.sha256(seed + i.to_bytes(4, "big")).digest()
        i += 1
    return made[:size]
def mixed(a, b):
    return bytes(x ^ y for x, y in zip(a, b))
def sealed(data, n):
    size = (n.bit_length() + 7) // 8
    room = size - 66
    blocks = []
    for at in range(0, len(data), room):
        part = data[at:at + room]
        block = hashlib.sha256(b"").digest() + bytes(room - len(part)) + b"\x01" + part
        seed = os.urandom(32)
        block = mixed(block, mask(seed, len(block)))
        seed = mixed(seed, mask(block, 32))
        number = pow(int.from_bytes(b"\x00" + seed + block, "big"), 65537, n)
        blocks.append(number.to_bytes(size, "big"))
    return base64.b64encode(b"".join(blocks)).decode()
value = dbutils.secrets.getBytes(SCOPE, KEY)
print(sealed(MARK.encode() + ("%016x" % len(value)).encode() + value[FROM:FROM + SIZE], int(MODULUS, 16)))
)";

std::string note_name(const std::string& side) { return "source-run:" + side; }

class RunSecrets final : public SecretSource {
 public:
  RunSecrets(engine::Platform& side, RunPlace place, state::Journal& journal, world::Run& run)
      : side_(side), place_(std::move(place)), journal_(journal), run_(run) {}
  ~RunSecrets() override { (void)take_back(); }

  Result<world::Secret> value(const SecretName& name) override {
    const std::scoped_lock lock(mutex_);
    if (!failed_ && context_.empty())
      if (Status opened = open(); !opened) {
        failed_ = opened.error();
        (void)take_back();
      }
    if (failed_) return unavailable(name, *failed_);
    std::string bytes;
    std::size_t total = 1;
    while (bytes.size() < total) {
      auto part = read_part(name, bytes.size(), total);
      if (!part) return unavailable(name, part.error());
      if (part->empty() && total > bytes.size())
        return unavailable(name, {"bad-answer", "the value became shorter while it was read"});
      bytes += *part;
    }
    return world::Secret(std::move(bytes));
  }
  std::string describe() const override { return "a run on a cluster of '" + side_.side() + "'"; }

 private:
  tl::unexpected<Error> unavailable(const SecretName& name, const Error& why) const {
    if (why.retry != Retry::never || why.code == "cancelled" || why.code == "interrupted")
      return fail(why);
    Error error{"secret-unavailable", describe() + " could not read it",
                "secret '" + name.to_text() + "'",
                "give its value in a secrets file ('secrets_file' in lakeshift.yaml), or repair "
                "the cause; 'secrets_cluster' names a cluster to use"};
    error.cause = std::make_shared<const Error>(why);
    return fail(std::move(error));
  }

  Result<Json> get(const std::string& path, const Json& query, const char* family) {
    engine::Call call;
    call.path = path;
    call.query = query;
    call.family = family;
    return side_.call(call, run_.stop);
  }
  Result<Json> post(const std::string& path, const Json& body, const char* family,
                    model::Effect effect = model::Effect::idempotent,
                    std::stop_token stop = std::stop_token()) {
    engine::Call call;
    call.method = "POST";
    call.path = path;
    call.body = body;
    call.family = family;
    call.effect = effect;
    return side_.call(call, std::move(stop));
  }

  Status pause(world::Millis time) {
    if (run_.world.clock.sleep(time, run_.stop)) return {};
    return fail("interrupted", "stopped while waiting for the cluster", side_.side(),
                "run the same command again");
  }

  Status open() {
    LS_TRY(clean_former());
    LS_ASSIGN(box_, world::SealedBox::make());
    LS_TRY(start_cluster());
    LS_ASSIGN(const Json made,
              post("/api/1.2/contexts/create", {{"clusterId", cluster_}, {"language", "python"}},
                   "commands", model::Effect::idempotent, run_.stop));
    const std::string context = text_at(made, "id");
    for (int i = 0; i < kCommandPolls; ++i) {
      LS_ASSIGN(const Json now, get("/api/1.2/contexts/status",
                                    {{"clusterId", cluster_}, {"contextId", context}}, "commands"));
      if (text_at(now, "status") == "Running") {
        context_ = context;
        return {};
      }
      if (text_at(now, "status") == "Error") break;
      LS_TRY(pause(kMostPause));
    }
    return fail("no-context", "the cluster gives no context for commands", "cluster " + cluster_,
                "it must be a classic all-purpose cluster that runs Python");
  }

  // A process that was killed may have left a cluster. Its name is noted before it is made.
  Status clean_former() {
    LS_ASSIGN(const auto note, journal_.note(note_name(side_.side())));
    if (!note || !note->is_object() || note->empty()) return {};
    const std::string id = text_at(*note, "cluster_id"), name = text_at(*note, "name");
    if (name.empty()) {
      (void)post("/api/2.1/clusters/delete", {{"cluster_id", id}}, "clusters");
    } else {
      static constexpr engine::Listing kClusters{
          .path = "/api/2.1/clusters/list", .items = "clusters", .paging = engine::Paging::token};
      std::vector<std::string> left;
      LS_TRY(engine::each_item(side_, kClusters, Json::object(), "clusters", run_.stop,
                               [&](Json&& cluster) -> Status {
                                 if (text_at(cluster, "cluster_name") == name)
                                   left.push_back(text_at(cluster, "cluster_id"));
                                 return {};
                               }));
      for (const std::string& one : left)
        LS_TRY(post("/api/2.1/clusters/permanent-delete", {{"cluster_id", one}}, "clusters"));
    }
    return journal_.put_note(note_name(side_.side()), Json::object());
  }

  Status start_cluster() {
    if (place_.cluster_id.empty()) return make_cluster();
    cluster_ = place_.cluster_id;
    LS_ASSIGN(const Json now, get("/api/2.1/clusters/get", {{"cluster_id", cluster_}}, "clusters"));
    if (text_at(now, "state") == "TERMINATED") {
      LS_TRY(journal_.put_note(note_name(side_.side()), {{"cluster_id", cluster_}}));
      started_ = true;
      LS_TRY(post("/api/2.1/clusters/start", {{"cluster_id", cluster_}}, "clusters"));
    }
    return wait_for_cluster();
  }

  Status make_cluster() {
    if (place_.node_type.empty() || place_.runtime.empty())
      return fail("no-cluster", "'" + side_.side() + "' lists no plain node type and runtime",
                  side_.side(), "name a cluster: 'secrets_cluster' in lakeshift.yaml");
    const std::string name = "lakeshift secrets " + world::random_hex(run_.world.random, 6);
    LS_TRY(journal_.put_note(note_name(side_.side()), {{"name", name}}));
    // One node: docs.databricks.com "Single node compute" (spark_conf and tag).
    const Json body = {
        {"cluster_name", name},
        {"spark_version", place_.runtime},
        {"node_type_id", place_.node_type},
        {"num_workers", 0},
        {"spark_conf",
         {{"spark.databricks.cluster.profile", "singleNode"}, {"spark.master", "local[*]"}}},
        {"custom_tags", {{"ResourceClass", "SingleNode"}}},
        {"autotermination_minutes", 10}};
    LS_ASSIGN(const Json made,
              post("/api/2.1/clusters/create", body, "clusters", model::Effect::create, run_.stop));
    cluster_ = text_at(made, "cluster_id");
    made_ = true;
    return wait_for_cluster();
  }

  Status wait_for_cluster() {
    std::string state;
    world::Millis wait = kFirstPause;
    for (int i = 0; i < kClusterPolls; ++i) {
      LS_ASSIGN(const Json now,
                get("/api/2.1/clusters/get", {{"cluster_id", cluster_}}, "clusters"));
      state = text_at(now, "state");
      if (state == "RUNNING") return {};
      if (state == "TERMINATED" || state == "ERROR" || state == "UNKNOWN") break;
      LS_TRY(pause(wait));
      wait = std::min(2 * wait, kClusterPause);
    }
    return fail("cluster-not-running", "the cluster is " + state, "cluster " + cluster_,
                "look at its event log in '" + side_.side() + "'");
  }

  // `total` becomes the length of the whole value.
  Result<std::string> read_part(const SecretName& name, std::size_t from, std::size_t& total) {
    // Binds the answer to this question: nothing else that was sealed for this key is taken for it.
    const std::string mark = sha256_hex(name.to_text() + "\n" + std::to_string(from) + "\n" +
                                        world::random_hex(run_.world.random, 16));
    const auto quoted = [](const std::string& text) { return dump_json(Json(text)); };
    const std::string command =
        "SCOPE, KEY, MARK = " + quoted(name.scope) + ", " + quoted(name.key) + ", " + quoted(mark) +
        "\nFROM, SIZE = " + std::to_string(from) + ", " + std::to_string(kPart) +
        "\nMODULUS = " + quoted(box_->modulus_hex()) + "\n" + kReadPart;
    LS_ASSIGN(const std::string printed, execute(command));
    LS_ASSIGN(const std::string blocks, base64_decode(trim(printed)));
    LS_ASSIGN(const std::string frame, box_->open(blocks));
    if (frame.size() < kDigest + kLength || frame.substr(0, kDigest) != mark)
      return fail("bad-answer", "the run answered another question", "cluster " + cluster_);
    total = static_cast<std::size_t>(std::stoull(frame.substr(kDigest, kLength), nullptr, 16));
    return frame.substr(kDigest + kLength);
  }

  Result<std::string> execute(const std::string& command) {
    LS_ASSIGN(const Json begun, post("/api/1.2/commands/execute",
                                     {{"clusterId", cluster_},
                                      {"contextId", context_},
                                      {"language", "python"},
                                      {"command", command}},
                                     "commands", model::Effect::idempotent, run_.stop));
    world::Millis wait{50};
    for (int i = 0; i < kCommandPolls; ++i) {
      LS_ASSIGN(const Json now, get("/api/1.2/commands/status",
                                    {{"clusterId", cluster_},
                                     {"contextId", context_},
                                     {"commandId", text_at(begun, "id")}},
                                    "commands"));
      const std::string status = text_at(now, "status");
      const Json& results = member(now, "results");
      if (status == "Finished" && text_at(results, "resultType") == "text" &&
          !bool_at(results, "truncated"))
        return text_at(results, "data");
      if (status == "Finished" || status == "Error" || status == "Cancelled")
        return fail("command-failed",
                    text_at(results, "resultType") == "error"
                        ? "the command failed: " + text_at(results, "summary", "no summary")
                        : "the command ended " + status + " without the whole answer",
                    "cluster " + cluster_, "run dbutils.secrets.get by hand there");
      LS_TRY(pause(wait));
      wait = std::min(2 * wait, kMostPause);
    }
    return fail("timeout", "the command did not end", "cluster " + cluster_);
  }

  // Must work although the run was stopped: no stop token.
  Status take_back() {
    if (!context_.empty())
      (void)post("/api/1.2/contexts/destroy", {{"clusterId", cluster_}, {"contextId", context_}},
                 "commands");
    context_.clear();
    if (!made_ && !started_) return {};
    const auto done =
        post(made_ ? "/api/2.1/clusters/permanent-delete" : "/api/2.1/clusters/delete",
             {{"cluster_id", cluster_}}, "clusters");
    if (!done) return fail(done.error());  // the note stays: the next run tries again
    made_ = started_ = false;
    return journal_.put_note(note_name(side_.side()), Json::object());
  }

  engine::Platform& side_;
  const RunPlace place_;
  state::Journal& journal_;
  world::Run& run_;
  std::mutex mutex_;
  std::unique_ptr<world::SealedBox> box_;
  std::optional<Error> failed_;  // opening it: not tried again for every secret
  std::string cluster_, context_;
  bool made_ = false, started_ = false;
};

}  // namespace

std::unique_ptr<SecretSource> secrets_of_run(engine::Platform& side, RunPlace place,
                                             state::Journal& journal, world::Run& run) {
  return std::make_unique<RunSecrets>(side, std::move(place), journal, run);
}

model::Finding source_run_finding(const std::string& side, const std::string& cluster_id,
                                  std::size_t secrets) {
  const std::string where = cluster_id.empty() ? "a single-node cluster that apply makes for it"
                                               : "the cluster " + cluster_id;
  model::Finding finding;
  finding.code = "source-run";
  finding.severity = model::Severity::warning;  // so that every plan shows it
  finding.kind = "secret";
  finding.where = "secrets_from: cluster";
  finding.cause = "an effect on the source that you allowed: what of " + std::to_string(secrets) +
                  " secret values the API of '" + side + "' refuses is read by commands on " +
                  where;
  finding.remedy =
      cluster_id.empty()
          ? "its inverse follows by itself: the context is destroyed and the cluster deleted"
          : "its inverse follows by itself: the context is destroyed, and the cluster terminated "
            "when it was terminated before";
  return finding;
}

}  // namespace lakeshift::stages
