using ScaleKit.Sharding;

namespace ScaleKit.Migration.Tests;

/// <summary>Three migrations beside each other on real SQLite files: users up to some number, users after it, and staff.</summary>
public sealed class CohortRepositoryTests : IAsyncLifetime
{
    private readonly TestFiles _files = new();
    private readonly Dictionary<string, DualWriteRepository<string, string>> _cohorts = new(StringComparer.Ordinal);
    private readonly List<IAsyncDisposable> _owned = [];
    private SqlJournal? _journal;
    private CohortRepository<string, string>? _all;

    private CohortRepository<string, string> All => _all!;

    public Task InitializeAsync()
    {
        _journal = new SqlJournal(_files.Connect("journal"));
        foreach (var cohort in (string[])["known", "new", "staff"])
        {
            var (old, @new) = (_files.Store(cohort), _files.Store(cohort + "_v2"));
            var ladder = new MigrationLadder(old, @new, new MigrationOptions { BackfillBatchSize = 50, RepairInterval = TimeSpan.FromMilliseconds(5) }, _journal);
            _cohorts[cohort] = new DualWriteRepository<string, string>(old, @new, ladder);
            _owned.AddRange([_cohorts[cohort], ladder, old, @new]);
        }

        _all = new CohortRepository<string, string>(_cohorts, CohortOf);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }

        await _journal!.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task ThreeCohorts_OnDifferentRungsUnderWriters_OneGoesBackAloneAndNothingIsLost()
    {
        for (var i = 0; i < 300; i++)
        {
            await All.UpsertAsync($"user1/before/{i:D4}", "from before");
        }

        await WalkAsync("new", MigrationPhase.NewOnly);
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(id => new Client(All, id)).ToList();
        var running = clients.Select(client => Task.Run(() => client.RunAsync(stop.Token))).ToList();
        await WalkAsync("known", MigrationPhase.HelpingReads);
        await WalkAsync("staff", MigrationPhase.NewSequencer);
        await ProgressAsync(clients);
        var (known, @new) = (_cohorts["known"].Ladder.State, _cohorts["new"].Ladder.State);

        await WalkAsync("staff", MigrationPhase.OldOnly);
        await ProgressAsync(clients);
        await stop.CancelAsync();
        await Task.WhenAll(running);

        Assert.All(clients, static client => Assert.Null(client.Anomaly));
        Assert.Equal((MigrationPhase.HelpingReads, known.Epoch, known.Tenure), PlaceOf("known"));
        Assert.Equal((MigrationPhase.NewOnly, @new.Epoch, @new.Tenure), PlaceOf("new"));
        Assert.Equal(MigrationPhase.OldOnly, _cohorts["staff"].Ladder.Phase);
        await _cohorts["known"].Repair.DrainAsync();
        Assert.Equal(await _cohorts["known"].Old.DigestAsync(default), await _cohorts["known"].New.DigestAsync(default));
        Assert.Equal(0, await _cohorts["new"].Old.CountAsync(default));
        var expected = clients.SelectMany(static client => client.Acknowledged).ToLookup(static row => CohortOf(row.Key));
        await AssertHoldsAsync(_cohorts["known"].Old, expected["known"].Concat(Enumerable.Range(0, 300).Select(static i => KeyValuePair.Create($"user1/before/{i:D4}", "from before"))));
        await AssertHoldsAsync(_cohorts["new"].New, expected["new"]);
        await AssertHoldsAsync(_cohorts["staff"].Old, expected["staff"]);
    }

    [Fact]
    public async Task NewKeysFirst_TheirCohortClimbsEmpty_KnownKeysStayAndItGoesBackAlone()
    {
        await All.UpsertAsync("user1/a", "known");
        await WalkAsync("new", MigrationPhase.NewOnly);
        await All.UpsertAsync("user7/a", "new");

        Assert.Equal("known", (await _cohorts["known"].Old.ReadAsync("user1/a")).Value);
        Assert.Equal("new", (await _cohorts["new"].New.ReadAsync("user7/a")).Value);
        Assert.Equal(0, await _cohorts["new"].Old.CountAsync(default));
        Assert.Equal(["new", "known", null], (await All.GetManyAsync(["user7/a", "user1/a", "staff/a"])).Select(static row => row.Value));

        await WalkAsync("new", MigrationPhase.OldOnly);
        Assert.Equal("new", (await _cohorts["new"].Old.ReadAsync("user7/a")).Value);
        Assert.Equal("new", (await All.GetAsync("user7/a")).Value);
        Assert.Equal(MigrationPhase.OldOnly, _cohorts["known"].Ladder.Phase);
        Assert.Equal(0, await _cohorts["known"].Old.FenceAsync(0));
    }

    [Fact]
    public async Task EveryOperation_GoesToTheCohortOfItsKey()
    {
        var written = await All.UpsertAsync("user1/a", "1");
        Assert.Equal(WriteStatus.Conflict, (await All.UpsertIfAsync("user1/a", "2", RowVersion.None)).Status);
        Assert.Equal(WriteStatus.Written, (await All.UpsertIfAsync("user1/a", "2", written)).Status);
        Assert.Equal("2!", (await All.UpdateAsync("user1/a", static row => row.Value + "!")).Value);
        Assert.Equal(WriteStatus.Conflict, (await All.DeleteIfAsync("user1/a", written)).Status);
        Assert.True(await All.DeleteAsync("user1/a"));

        Assert.True((await _cohorts["known"].GetAsync("user1/a")).IsDeleted);
        Assert.Equal(0, await _cohorts["new"].Old.CountAsync(default));
        Assert.Equal(0, await _cohorts["staff"].Old.CountAsync(default));
    }

    [Fact]
    public async Task Of_NullKeyOrUnknownCohort_RefusedAndNothingWritten()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await All.GetAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await All.GetManyAsync(["user1/a", null!]));
        await Assert.ThrowsAsync<ArgumentException>(async () => await All.UpsertAsync("user1/" + new string('k', 100_000), "1"));
        var wrong = new CohortRepository<string, string>(_cohorts, static key => key.Length == 0 ? null! : key);
        Assert.Contains("''", Assert.Throws<InvalidOperationException>(() => wrong.Of("")).Message, StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(async () => await wrong.UpsertAsync("guests\u0007", "1"));
        Assert.Contains("'guests\\u0007'. There are 'known', 'new', 'staff'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await _cohorts["known"].Old.CountAsync(default));
    }

    [Fact]
    public async Task Constructor_CohortsThatShareAStoreOrAName_Refused()
    {
        var (a, b, c) = (new InMemoryStore<string, string>("a"), new InMemoryStore<string, string>("b"), new InMemoryStore<string, string>("c"));
        var sameNames = (Old: new InMemoryStore<string, string>("a"), New: new InMemoryStore<string, string>("b"));
        var sharded = new ShardedStore<string, string>(
            new ShardRouter<IVersionedStore<string, string>>(SlotTopology.Create([new Shard<IVersionedStore<string, string>>("c", c)])), ShardRouting.WholeKey);
        var journal = new InMemoryJournal();

        Assert.Contains("no cohort", await RefusedAsync(), StringComparison.Ordinal);
        Assert.Contains("share the store 'b'", await RefusedAsync((a, b, journal), (b, c, new InMemoryJournal())), StringComparison.Ordinal);
        Assert.Contains("share the store 'c'", await RefusedAsync((a, sharded, journal), (b, c, journal)), StringComparison.Ordinal);
        Assert.Contains("share a journal", await RefusedAsync((a, b, journal), (sameNames.Old, sameNames.New, journal)), StringComparison.Ordinal);
        Assert.Equal("accepted", await RefusedAsync((a, b, journal), (sameNames.Old, sameNames.New, new InMemoryJournal())));
    }

    private static async Task<string> RefusedAsync(params (IVersionedStore<string, string> Old, IVersionedStore<string, string> New, IMigrationJournal Journal)[] pairs)
    {
        var options = new MigrationOptions { LeaseDuration = TimeSpan.Zero, RepairInBackground = false };
        var cohorts = pairs.Select((pair, i) =>
            KeyValuePair.Create($"{i}", new DualWriteRepository<string, string>(pair.Old, pair.New, new MigrationLadder(pair.Old, pair.New, options, pair.Journal)))).ToDictionary();
        try
        {
            return Record.Exception(() => new CohortRepository<string, string>(cohorts, static _ => "0")) is { } refused ? Assert.IsType<ArgumentException>(refused).Message : "accepted";
        }
        finally
        {
            foreach (var repository in cohorts.Values)
            {
                await repository.DisposeAsync();
                repository.Ladder.Dispose();
            }
        }
    }

    private static string CohortOf(string key) =>
        key.StartsWith("staff/", StringComparison.Ordinal) ? "staff" : string.CompareOrdinal(key, "user5") < 0 ? "known" : "new";

    private static Task ProgressAsync(List<Client> clients) => TestKit.Eventually.HoldsAsync(() => clients.All(static c => c.Progressed()), "every client has gone on");

    private static async Task AssertHoldsAsync(IVersionedStore<string, string> store, IEnumerable<KeyValuePair<string, string>> rows)
    {
        var page = await store.ScanAsync(new ScanRequest<string> { Limit = 10_000 });
        Assert.Equal(rows.Select(static row => $"{row.Key}={row.Value}").Order(StringComparer.Ordinal), page.Entries.Select(static row => $"{row.Key}={row.Value}").Order(StringComparer.Ordinal));
    }

    private (MigrationPhase Phase, long Epoch, long Tenure) PlaceOf(string cohort)
    {
        var state = _cohorts[cohort].Ladder.State;
        return (state.Phase, state.Epoch, state.Tenure);
    }

    private async Task WalkAsync(string cohort, MigrationPhase phase)
    {
        var report = await new MigrationRunner<string, string>(_cohorts[cohort]).RunAsync(phase);
        Assert.True(report.Completed, string.Join(' ', report.Missing));
        Assert.Equal(0, report.Lost);
    }

    /// <summary>Writes keys of its own in every cohort, and reads back what it has written.</summary>
    private sealed class Client(CohortRepository<string, string> repository, int id)
    {
        private readonly Dictionary<string, string?> _book = new(StringComparer.Ordinal);
        private long _operations;
        private long _seen;

        public string? Anomaly { get; private set; }

        public IEnumerable<KeyValuePair<string, string>> Acknowledged => _book.Where(static row => row.Value is not null).Select(static row => KeyValuePair.Create(row.Key, row.Value!));

        public bool Progressed()
        {
            var now = Volatile.Read(ref _operations);
            var moved = now > _seen + 5;
            _seen = moved ? now : _seen;
            return moved;
        }

        public async Task RunAsync(CancellationToken stop)
        {
            var random = new Random(id);
            for (var i = 0; !stop.IsCancellationRequested && Anomaly is null; i++)
            {
                string[] keys = [$"user1/{id}/{random.Next(40)}", $"user9/{id}/{random.Next(40)}", $"staff/{id}/{random.Next(40)}"];
                var key = keys[i % 3];
                if (random.Next(5) == 0)
                {
                    await repository.DeleteAsync(key, CancellationToken.None);
                    _book[key] = null;
                }
                else
                {
                    _book[key] = (await repository.UpdateAsync(key, row => $"{row.Value?.Length ?? 0}:{i}", CancellationToken.None)).Value;
                }

                foreach (var row in await repository.GetManyAsync(keys, CancellationToken.None))
                {
                    var acknowledged = _book.GetValueOrDefault(row.Key);
                    Anomaly ??= row.Value == acknowledged ? null : $"{row.Key} is {row.Value ?? "nothing"}, acknowledged was {acknowledged ?? "nothing"}";
                }

                Interlocked.Increment(ref _operations);
            }
        }
    }
}
