using ScaleKit.Sharding;

namespace ScaleKit.Migration.Tests;

/// <summary>The whole ladder, forward and back, on real SQLite files while writers and readers go on. The checker's books are the test's own.</summary>
public sealed class LadderSoakTests : IAsyncLifetime
{
    private readonly TestFiles _files = new();
    private readonly List<SqlStore<string, string>> _shards = [];
    private SqlStore<string, string>? _old;
    private SqlJournal? _journal;

    public Task InitializeAsync()
    {
        _old = _files.Store("messages");
        _journal = new SqlJournal(_files.Connect("journal"));
        _shards.AddRange(Enumerable.Range(0, 4).Select(i => _files.Store($"shard{i}")));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _old!.DisposeAsync();
        await _journal!.DisposeAsync();
        foreach (var shard in _shards)
        {
            await shard.DisposeAsync();
        }

        _files.Dispose();
    }

    [Fact]
    public async Task ForwardBackForward_UnderWriters_NothingLostDuplicatedOrResurrected()
    {
        var topology = SlotTopology.Create(_shards.Select((store, i) => new Shard<IVersionedStore<string, string>>($"shard{i}", store)));
        var sharded = new ShardedStore<string, string>(new ShardRouter<IVersionedStore<string, string>>(topology), ShardRouting.Before('/'));
        using var ladder = new MigrationLadder(_old!, sharded, new MigrationOptions { BackfillBatchSize = 100 }, _journal);
        await using var repository = new DualWriteRepository<string, string>(_old!, sharded, ladder);
        for (var i = 0; i < 2000; i++)
        {
            await repository.UpsertAsync($"room{i % 20}/{i:D12}", "from before");
        }

        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 6).Select(id => new ChatClient(repository, id)).ToList();
        var running = clients.Select(client => Task.Run(() => client.RunAsync(stop.Token))).ToList();
        var runner = new MigrationRunner<string, string>(repository);
        var reports = new List<MigrationReport>();
        foreach (var target in (MigrationPhase[])[MigrationPhase.NewOnly, MigrationPhase.OldOnly, MigrationPhase.NewSequencer])
        {
            await TestKit.Eventually.HoldsAsync(() => clients.All(c => c.Progressed()), "every client has written in this phase");
            reports.Add(await runner.RunAsync(target));
        }

        await TestKit.Eventually.HoldsAsync(() => clients.All(c => c.Progressed()), "every client has written in the last phase");
        await stop.CancelAsync();
        await Task.WhenAll(running);

        Assert.All(reports, report => Assert.True(report.Completed, string.Join(' ', report.Missing)));
        Assert.All(reports, report => Assert.Equal(0, report.Lost));
        Assert.All(clients, client => Assert.Null(client.Anomaly));
        await repository.Repair.DrainAsync();
        foreach (var client in clients)
        {
            await client.CheckAsync(_old!);
            await client.CheckAsync(sharded);
        }

        Assert.Equal(await _old!.DigestAsync(default), await sharded.DigestAsync(default));
        Assert.Equal(2000, (await sharded.DigestAsync(KeyRange.Between("room", "roomz"))).Rows);
        var counter = int.Parse((await sharded.ReadAsync("shared/counter")).Value!, null);
        Assert.Equal(clients.Sum(c => c.Increments), counter);
    }

    /// <summary>Writes keys of its own and knows what each must be; reads them back at once; counts its increments of a counter that all share.</summary>
    private sealed class ChatClient(DualWriteRepository<string, string> repository, int id)
    {
        private readonly Dictionary<string, string?> _acknowledged = [];
        private long _seen;
        private long _operations;

        public int Increments { get; private set; }

        public string? Anomaly { get; private set; }

        public bool Progressed()
        {
            var now = Volatile.Read(ref _operations);
            var moved = now > _seen + 3;
            _seen = moved ? now : _seen;
            return moved;
        }

        public async Task RunAsync(CancellationToken stop)
        {
            var random = new Random(id);
            for (var i = 0; !stop.IsCancellationRequested && Anomaly is null; i++)
            {
                var key = $"client{id}/{random.Next(300):D12}";
                switch (random.Next(6))
                {
                    case 0:
                        await repository.DeleteAsync(key, CancellationToken.None);
                        _acknowledged[key] = null;
                        break;
                    case 1:
                        await repository.UpdateAsync("shared/counter", row => $"{int.Parse(row.Value ?? "0", null) + 1}", CancellationToken.None);
                        Increments++;
                        break;
                    case 2:
                        await ReadBackAsync(key);
                        break;
                    default:
                        await repository.UpsertAsync(key, $"{i}", CancellationToken.None);
                        _acknowledged[key] = $"{i}";
                        await ReadBackAsync(key);
                        break;
                }

                Interlocked.Increment(ref _operations);
            }
        }

        public async Task CheckAsync(IVersionedStore<string, string> store)
        {
            var stored = new Dictionary<string, string>(StringComparer.Ordinal);
            var request = new ScanRequest<string> { Range = KeyRange.Prefix($"client{id}/"), Limit = 1000 };
            var page = await store.ScanAsync(request);
            Assert.False(page.HasMore);
            foreach (var entry in page.Entries)
            {
                stored.Add(entry.Key, entry.Value!);
            }

            var expected = _acknowledged.Where(p => p.Value is not null).Select(p => $"{p.Key}={p.Value}");
            Assert.Equal(expected.Order(StringComparer.Ordinal), stored.Select(p => $"{p.Key}={p.Value}").Order(StringComparer.Ordinal));
        }

        // Its own keys have one writer, so every read must give exactly the last acknowledged value.
        private async Task ReadBackAsync(string key)
        {
            var read = await repository.GetAsync(key);
            var expected = _acknowledged.GetValueOrDefault(key);
            if (read.Value != expected)
            {
                Anomaly = $"{repository.Ladder.Phase}: {key} is {read.Value ?? "nothing"}, acknowledged was {expected ?? "nothing"}";
            }
        }
    }
}
