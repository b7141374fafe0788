using ScaleKit.Sharding;

namespace ScaleKit.Migration.Tests;

/// <summary>Shards join while writers go on: the plan of the sharding planner, wave by wave, each wave a migration.</summary>
public sealed class ReshardingTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private const int Rooms = 60;
    private const int Rows = 600;
    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task RunAsync_FourToFiveSqliteFiles_UnderWriters_EveryRowOnItsOwnerOnce()
    {
        await using var journal = new SqlJournal(_files.Connect("journal"));
        var stores = Enumerable.Range(0, 5).Select(i => _files.Store($"shard{i}")).ToList();
        await ReshardAsync(stores, 4, journal, waveBytes: 7_000);
    }

    [Fact]
    public async Task RunAsync_FourToEightPostgreSqlDatabases_UnderWriters_EveryRowOnItsOwnerOnce()
    {
        var stores = new List<SqlStore<string, string>>();
        for (var i = 0; i < 8; i++)
        {
            var source = Npgsql.NpgsqlDataSource.Create(await postgres.Server.CreateDatabaseAsync($"shard_{i}"));
            stores.Add(new SqlStore<string, string>(source, new() { Table = "messages", Value = ValueFormat.Text, Dialect = SqlDialect.PostgreSql, ReadConnections = 2 }));
        }

        await ReshardAsync(stores, 4, new InMemoryJournal(), waveBytes: 16_000);
    }

    [Fact]
    public async Task StartAsync_NewProcess_GoesOnInTheWaveThatTheJournalNames()
    {
        var journal = new InMemoryJournal();
        var plan = PlanInMemory();
        await using (var first = new Resharding<string, string>(plan, ShardRouting.Before('/'), journal))
        {
            await first.StartAsync();
            for (var room = 0; room < 50; room++)
            {
                await first.Repository.UpsertAsync($"room{room}/1", "hello");
            }

            // The first wave to its end; the process dies on a rung of the second.
            await new MigrationRunner<string, string>(first.Repository).RunAsync();
        }

        await using var second = new Resharding<string, string>(plan, ShardRouting.Before('/'), journal);
        await second.StartAsync();
        Assert.Equal(2, second.Wave);
        Assert.True((await second.RunAsync()).Completed);
        Assert.Equal(plan.Waves.Count, second.Wave);
        var page = await second.Repository.ScanAsync(new ScanRequest<string>());
        Assert.Equal(50, page.Entries.Count);
        await AssertOwnedAsync(plan, page.Entries.ToDictionary(static e => e.Key, static e => e.Value!));
    }

    // What a writer does that took the repository before the wave changed: with the phase at hand, and after it had to look it up again.
    [Fact]
    public async Task Repository_KeptFromTheWaveBefore_EveryWriteFencedAndNothingWritten()
    {
        await using var resharding = new Resharding<string, string>(PlanInMemory(), ShardRouting.Before('/'), new InMemoryJournal());
        await resharding.StartAsync();
        var kept = resharding.Repository;
        await kept.UpsertAsync("room/1", "hello");
        Assert.True((await resharding.RunAsync()).Completed);

        for (var i = 0; i < 3; i++)
        {
            var refused = await Assert.ThrowsAsync<StoreFencedException>(async () => await kept.UpsertAsync("room/1", "late"));
            Assert.Contains("a later migration", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal("hello", (await resharding.Repository.GetAsync("room/1")).Value);
    }

    private static ReshardPlan<IVersionedStore<string, string>> PlanInMemory()
    {
        var shards = Enumerable.Range(0, 3).Select(i => new Shard<IVersionedStore<string, string>>($"shard{i}", new InMemoryStore<string, string>($"shard{i}"))).ToList();
        var plan = Topology.Plan(SlotTopology.Create(shards.Take(2)), shards, new PlanOptions { Rows = 1000, BytesPerRow = 100, WaveBytes = 20_000 });
        Assert.True(plan.Waves.Count >= 2, $"{plan.Waves.Count} waves.");
        return plan;
    }

    private static async Task ReshardAsync(List<SqlStore<string, string>> stores, int before, IMigrationJournal journal, long waveBytes)
    {
        var shards = stores.Select((store, i) => new Shard<IVersionedStore<string, string>>($"shard{i}", store)).ToList();
        var current = SlotTopology.Create(shards.Take(before));
        var plan = Topology.Plan(current, shards, new PlanOptions { Rows = Rows, BytesPerRow = 100, WaveBytes = waveBytes });
        Assert.True(plan.Waves.Count >= 2, $"{plan.Waves.Count} waves.");
        var options = new MigrationOptions { BackfillBatchSize = 50, RepairInterval = TimeSpan.FromMilliseconds(20), VerificationRecheckDelay = TimeSpan.FromMilliseconds(20) };
        await using (var resharding = new Resharding<string, string>(plan, ShardRouting.Before('/'), journal, options))
        {
            await resharding.StartAsync();
            for (var i = 0; i < Rows; i++)
            {
                await resharding.Repository.UpsertAsync($"room{i % Rooms}/before{i:D6}", $"{i}");
            }

            using var stop = new CancellationTokenSource();
            var writers = Enumerable.Range(0, 3).Select(id => Task.Run(() => WriteAsync(resharding, id, stop.Token))).ToArray();
            var report = await resharding.RunAsync();
            await stop.CancelAsync();
            Assert.True(report.Completed, string.Join(' ', report.Missing));
            var expected = (await Task.WhenAll(writers)).SelectMany(static book => book).Where(static row => row.Value.Length > 0)
                .Concat(Enumerable.Range(0, Rows).Select(static i => KeyValuePair.Create($"room{i % Rooms}/before{i:D6}", $"{i}"))).ToDictionary();
            await AssertOwnedAsync(plan, expected);
            var page = await resharding.Repository.ScanAsync(new ScanRequest<string> { Limit = 100_000 });
            Assert.Equal(
                expected.Select(static r => $"{r.Key}={r.Value}").Order(StringComparer.Ordinal),
                page.Entries.Select(static e => $"{e.Key}={e.Value}").Order(StringComparer.Ordinal));
        }

        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    // Each writer has keys of its own; every read must give what was acknowledged last.
    private static async Task<Dictionary<string, string>> WriteAsync(Resharding<string, string> resharding, int id, CancellationToken stop)
    {
        var (book, random) = (new Dictionary<string, string>(StringComparer.Ordinal), new Random(id));
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var key = $"room{random.Next(Rooms)}/writer{id}/{random.Next(5)}";
            var value = random.Next(5) == 0 ? "" : $"{id}.{i}";
            await RepeatAsync(async () => value.Length == 0
                ? await resharding.Repository.DeleteAsync(key, CancellationToken.None)
                : !(await resharding.Repository.UpsertAsync(key, value, CancellationToken.None)).IsNone);
            book[key] = value;
            Assert.Equal(value, (await resharding.Repository.GetAsync(key, CancellationToken.None)).Value ?? "");
        }

        return book;
    }

    // Taken before the wave changed and used after it: refused, and nothing written.
    private static async Task RepeatAsync(Func<Task<bool>> write)
    {
        while (true)
        {
            try
            {
                await write();
                return;
            }
            catch (StoreFencedException)
            {
                await Task.Yield();
            }
        }
    }

    // Looked up on the shards themselves, by the target topology.
    private static async Task AssertOwnedAsync(ReshardPlan<IVersionedStore<string, string>> plan, IReadOnlyDictionary<string, string> rows)
    {
        foreach (var (key, value) in rows)
        {
            var owner = plan.Target.ShardOf(KeyHash.Of(key[..key.IndexOf('/', StringComparison.Ordinal)]));
            Assert.Equal(value, (await owner.Payload.ReadAsync(key)).Value);
        }
    }
}
