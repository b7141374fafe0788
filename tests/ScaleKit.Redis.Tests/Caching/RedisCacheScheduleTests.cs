using System.Collections.Concurrent;
using System.Diagnostics;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Caching;

/// <summary>
/// A thousand random schedules of gets, sets, removals and tag removals on three nodes, each on a key of its own, with a checker of the history: the truth only grows;
/// the node that confirmed a change never again serves less, the other nodes not after the bound; in the end all agree, and so does a node that comes when the
/// log has forgotten nearly all of it: nothing void is left in the shared level.
/// </summary>
public sealed class RedisCacheScheduleTests
{
    private const int Schedules = 1000;
    private const int StepsOfEachNode = 4;
    private const int LogCapacity = 64;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(1)]
    public async Task AnySchedule_OnThreeNodes_ServesNothingOlderThanWhatWasConfirmed(int seed)
    {
        await using var server = await RedisServer.StartAsync();
        var nodes = Enumerable.Range(0, 3).Select(_ => new CacheNode(server.ConnectionString, logCapacity: LogCapacity)).ToArray();
        var histories = Enumerable.Range(0, Schedules).Select(i => new History(i, nodes)).ToArray();

        await Parallel.ForEachAsync(histories, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (history, _) => await history.RunAsync(seed));

        Assert.Empty(histories.SelectMany(h => h.Violations));
        await using (var late = new CacheNode(server.ConnectionString, logCapacity: LogCapacity))
        {
            await late.ReadyAsync();
            foreach (var history in histories)
                await history.HoldsForAsync(late);
        }

        Assert.Empty(histories.SelectMany(h => h.Violations));
        foreach (var history in histories)
            await history.SettlesAsync();
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    private sealed class History(int number, CacheNode[] nodes)
    {
        private readonly string _key = $"k{number}";
        private readonly string _tag = $"t{number}";
        private readonly long[] _confirmedBy = new long[nodes.Length];
        private readonly ConcurrentQueue<(long Value, long At)> _confirmed = new();
        private readonly SemaphoreSlim _writer = new(1);
        private long _truth;

        public ConcurrentQueue<string> Violations { get; } = new();

        public Task RunAsync(int seed) => Task.WhenAll(nodes.Select((_, n) => Task.Run(async () =>
        {
            var random = new Random((((seed * Schedules) + number) * nodes.Length) + n);
            for (var i = 0; i < StepsOfEachNode; i++)
            {
                if (random.Next(2) == 0)
                    await ReadAsync(n);
                else
                    await ChangeAsync(n, random.Next(4));
            }

            // No reading at the end: it would replace what a late fill has left behind.
        })));

        /// <summary>Nothing moves any more: each node comes to what was confirmed last, in memory and in the shared level.</summary>
        public async Task SettlesAsync()
        {
            var last = _confirmed.Select(c => c.Value).DefaultIfEmpty().Max();
            foreach (var node in nodes)
            {
                await Eventually.HoldsAsync(
                    async () => await GetAsync(node, local: true) >= last && await GetAsync(node, local: false) >= last, $"{_key} settles at {last}");
            }
        }

        public async Task HoldsForAsync(CacheNode late)
        {
            var last = _confirmed.Select(c => c.Value).DefaultIfEmpty().Max();
            if (await GetAsync(late, local: false) is var seen && seen < last)
                Violations.Enqueue($"{_key} on a late node: saw {seen} after {last} was confirmed");
        }

        private async Task ReadAsync(int n)
        {
            var started = Stopwatch.GetTimestamp();
            var least = Math.Max(
                Volatile.Read(ref _confirmedBy[n]),
                _confirmed.Where(c => Stopwatch.GetElapsedTime(c.At, started) > Bound).Select(c => c.Value).DefaultIfEmpty().Max());
            var seen = await GetAsync(nodes[n], local: true);
            if (seen < least)
                Violations.Enqueue($"{_key} on node {n}: saw {seen} after {least} was confirmed");
        }

        private async Task ChangeAsync(int n, int how)
        {
            // One writer per key at a time: a value may be set only while it is the truth.
            await _writer.WaitAsync();
            try
            {
                var value = Interlocked.Increment(ref _truth);
                await (how switch
                {
                    0 => nodes[n].Cache.RemoveAsync(_key),
                    1 => nodes[n].Cache.RemoveByTagAsync(_tag),
                    2 => nodes[n].Cache.RemoveAsync([_key, "other"]),
                    _ => nodes[n].Cache.SetAsync(_key, value, tags: [_tag]),
                });
                Volatile.Write(ref _confirmedBy[n], value);
                _confirmed.Enqueue((value, Stopwatch.GetTimestamp()));
            }
            finally
            {
                _writer.Release();
            }
        }

        private ValueTask<long> GetAsync(CacheNode node, bool local) => node.Cache.GetOrCreateAsync(
            _key,
            async _ =>
            {
                // Long enough for a change in between.
                var value = Volatile.Read(ref _truth);
                for (var i = 0; i < 20; i++)
                    await Task.Yield();
                return value;
            },
            local ? null : CacheNode.SharedOnly,
            [_tag]);
    }
}
