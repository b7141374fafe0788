using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using ScaleKit.Admission;
using ScaleKit.Caching;
using ScaleKit.Migration;
using ScaleKit.RateLimiting;
using ScaleKit.TestKit;
using StackExchange.Redis;

namespace ScaleKit.Redis.Tests;

/// <summary>The lines of rights in docs/security.md, each on a server that grants nothing else.</summary>
public sealed partial class LeastRightsTests
{
    // What the client sends by itself, and only where it happens to: a redirection, a probe, a shutdown.
    private static readonly string[] OfTheClient = ["ping", "echo", "info", "client|setname", "config|get", "cluster|nodes", "subscribe", "unsubscribe", "publish", "get", "eval", "evalsha", "time"];

    [Fact]
    public Task Caching_WithItsRightsOnly_DoesAllItDoes() => RunAsync("caching", "Caching", async services =>
    {
        var cache = services.GetRequiredService<TwoLevelCache>();
        var sharedOnly = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableLocalCache };
        Assert.Equal("made", await cache.GetOrCreateAsync("room:1", _ => ValueTask.FromResult("made"), tags: ["rooms"]));
        Assert.Equal("made", await cache.GetOrCreateAsync("room:1", _ => ValueTask.FromResult("not made"), sharedOnly));
        await cache.SetAsync("room:2", "set", tags: ["rooms"]);
        Assert.Equal(2, (await cache.GetOrCreateManyAsync<string>(["room:1", "room:2"], (_, _) => throw new InvalidOperationException("Both are there."), sharedOnly)).Count);
        Assert.Equal("again", await cache.RefreshAsync("room:1", _ => ValueTask.FromResult("again")));
        await cache.RemoveAsync("room:1");
        await cache.RemoveByTagAsync("rooms");
        await cache.RemoveByTagAsync("*");
        Assert.False((await cache.TryGetAsync<string>("room:2")).IsFound);
    });

    [Fact]
    public Task Limits_WithTheirRightsOnly_DoAllTheyDo() => RunAsync("limits", "RateLimiting", async services =>
    {
        var limiter = services.GetRequiredService<PolicyRateLimiter>();
        Assert.Equal(RateLimitOutcome.Acquired, (await limiter.AcquireAsync("login", "ann")).Outcome);
        Assert.True(await limiter.SettleAsync("login", "ann", taken: 1, actual: 0));
        Assert.Equal(RateLimitOutcome.Acquired, (await limiter.AcquireAsync("login", "ann", permits: 2)).Outcome);
        Assert.Equal(RateLimitOutcome.Refused, (await limiter.AcquireAsync("login", "ann")).Outcome);
        var both = new[] { new RateLimitCharge(limiter.GetPolicy("login"), "bob"), new RateLimitCharge(limiter.GetPolicy("default"), "bob") };
        Assert.True((await limiter.AcquireAllAsync(both)).IsAcquired);
    });

    [Fact]
    public Task Admission_WithItsRightsOnly_DoesAllItDoes() => RunAsync("admission", "Admission", async services =>
    {
        var queue = services.GetRequiredService<AdmissionQueue>();
        var first = await queue.AdmitAsync(new AdmissionRequest("lobby", "ann"));
        var waiting = queue.AdmitAsync(new AdmissionRequest("lobby", "bob") { Deadline = TimeSpan.FromMinutes(1) }).AsTask();
        await Eventually.HoldsAsync(() => queue.GetSnapshot().Waiting == 1, "bob waits");
        await first.Lease!.DisposeAsync();
        var second = await waiting;
        Assert.True(second.IsAdmitted);
        await second.Lease!.DisposeAsync();
    });

    [Fact]
    public Task Migration_WithItsRightsOnly_DoesAllItDoes() => RunAsync("migration", "Migration", async services =>
    {
        var connection = services.GetRequiredService<RedisConnection>();
        var old = new RedisStore<string, string>(connection, "old", ValueFormat.Text);
        var @new = new RedisStore<string, string>(connection, "new", ValueFormat.Text);
        using var ladder = new MigrationLadder(old, @new, journal: services.GetRequiredService<IMigrationJournal>());
        await using var rows = new DualWriteRepository<string, string>(old, @new, ladder);
        await rows.UpsertAsync("ada", "1");
        var report = await new MigrationRunner<string, string>(rows).RunAsync();
        Assert.Equal((MigrationPhase.NewOnly, 0), (report.To, (int)report.Lost));
        Assert.Equal("1", (await rows.GetAsync("ada")).Value);
    });

    private static async Task RunAsync(string user, string folder, Func<IServiceProvider, Task> useAsync)
    {
        var (rights, commands) = RightsOf(user);
        Assert.Empty(CommandsOfScripts(folder).Except(commands));

        var options = new RedisServerOptions();
        options.AclUsers.Add($"default on nopass {rights}");
        await using var server = await RedisServer.StartAsync(options);
        await using (var services = Services(server))
        {
            await useAsync(services);
        }

        var (called, refused) = await StatisticsAsync(server);
        Assert.Empty(refused);
        Assert.Empty(commands.Except(OfTheClient).Except(CommandsOfScripts(folder)).Except(called));
    }

    private static ServiceProvider Services(RedisServer server) => new ServiceCollection()
        .AddTwoLevelCache()
        .AddAdmissionQueue(caps => caps.RoomCapacity = 1)
        .AddScaleKitRateLimiting(limits => limits.Policies["login"] = new() { Limit = 2, Window = TimeSpan.FromHours(1) })
        .AddScaleKitRedis(server.ConnectionString, redis =>
        {
            redis.KeyPrefix = "shop";
            redis.CallTimeout = TimeSpan.FromSeconds(10);
        })
        .BuildServiceProvider();

    /// <summary>The rules behind the user's password, and the commands that they allow.</summary>
    private static (string Rules, string[] Commands) RightsOf(string user)
    {
        using var stream = typeof(LeastRightsTests).Assembly.GetManifestResourceStream("security.md")!;
        using var reader = new StreamReader(stream);
        var line = reader.ReadToEnd().Split('\n').Single(l => l.StartsWith($"ACL SETUSER {user} on >password ", StringComparison.Ordinal));
        var rules = line[$"ACL SETUSER {user} on >password ".Length..];
        return (rules, [.. rules.Split(' ').Where(rule => rule.StartsWith('+')).Select(rule => rule[1..])]);
    }

    private static string[] CommandsOfScripts(string folder) =>
    [
        .. RedisScript.Files.Where(file => file.StartsWith(folder + "/", StringComparison.Ordinal))
            .SelectMany(file => CommandOfScript().Matches(RedisScript.Load(folder, Path.GetFileNameWithoutExtension(file)).Source))
            .Select(match => match.Groups["command"].Value.ToUpperInvariant())
            .Distinct(StringComparer.Ordinal)
            .Select(Lower),
    ];

    /// <summary>Commands that the server was sent, and those that it refused for want of rights.</summary>
    private static async Task<(HashSet<string> Called, string[] Refused)> StatisticsAsync(RedisServer server)
    {
        using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString + ",allowAdmin=true");
        var lines = client.GetServer(client.GetEndPoints()[0]).Info("commandstats").SelectMany(section => section).ToList();
        var called = lines.Select(line => Lower(line.Key["cmdstat_".Length..])).ToHashSet(StringComparer.Ordinal);
        var refused = lines.Where(line => RejectedCalls().Match(line.Value) is { Success: true } match && long.Parse(match.Groups["calls"].Value, CultureInfo.InvariantCulture) > 0);
        return (called, [.. refused.Select(line => $"{line.Key}: {line.Value}")]);
    }

#pragma warning disable CA1308 // Commands are lower case in rights.
    private static string Lower(string command) => command.ToLowerInvariant();
#pragma warning restore CA1308

    [GeneratedRegex(@"call\(\s*'(?<command>[A-Za-z]+)'", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex CommandOfScript();

    [GeneratedRegex("rejected_calls=(?<calls>[0-9]+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex RejectedCalls();
}
