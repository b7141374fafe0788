using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

/// <summary>
/// SQLite to PostgreSQL and back under writers, while PostgreSQL is killed (SIGKILL) and started again at random moments. A write that failed has an unknown outcome; everything else the books of the
/// clients know exactly.
/// </summary>
public sealed class KilledServerHistoryTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private const int KillsPerWay = 2;
    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task ForwardAndBack_PostgreSqlKilledAtRandomMoments_NothingLostDuplicatedOrResurrected(int seed)
    {
        await using var old = _files.Store("messages");
        await using var @new = postgres.Store(postgres.NextTable());
        await using var journal = new SqlJournal(_files.Connect("journal"));
        var options = new MigrationOptions
        {
            BackfillBatchSize = 50,
            MirrorTimeout = TimeSpan.FromSeconds(1),
            MoveTimeout = TimeSpan.FromSeconds(5),
            RepairInterval = TimeSpan.FromMilliseconds(20),
            RepairBackoffMaximum = TimeSpan.FromMilliseconds(250),
        };
        using var ladder = new MigrationLadder(old, @new, options, journal);
        await using var repository = new DualWriteRepository<string, string>(old, @new, ladder);
        for (var i = 0; i < 500; i++)
        {
            await repository.UpsertAsync($"before/{i:D6}", "from before");
        }

        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(id => new BookkeepingClient(repository, id, seed)).ToList();
        var running = clients.Select(client => Task.Run(() => client.RunAsync(stop.Token))).ToList();
        var random = new Random(seed);
        foreach (var target in (MigrationPhase[])[MigrationPhase.NewOnly, MigrationPhase.OldOnly])
        {
            var walk = WalkAsync(repository, target);
            for (var kill = 0; kill < KillsPerWay; kill++)
            {
                var moment = clients.Sum(static c => c.Attempts) + random.Next(5, 200);
                await Eventually.HoldsAsync(() => clients.Sum(static c => c.Attempts) >= moment || walk.IsCompleted, "the clients go on", TimeSpan.FromMinutes(2));
                await postgres.Server.RestartAsync();
            }

            await walk;
        }

        await stop.CancelAsync();
        await Task.WhenAll(running);
        foreach (var client in clients)
        {
            Assert.Null(client.Anomaly);
            await client.CheckAsync();
        }

        Assert.Equal(500, await old.CountAsync(KeyRange.Prefix("before/")));
        var counter = int.Parse((await repository.GetAsync("shared/counter")).Value ?? "0", null);
        Assert.InRange(counter, clients.Sum(static c => c.Increments), clients.Sum(static c => c.Increments + c.UnknownIncrements));
    }

    // A server that dies in the middle of a step ends the run; the next one goes on from there.
    private static async Task WalkAsync(DualWriteRepository<string, string> repository, MigrationPhase target)
    {
        var runner = new MigrationRunner<string, string>(repository);
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    // What a verification counts while the server is down may be a debt that is paid later: the clients' books decide.
                    return (await runner.RunAsync(target)).Completed;
                }
                catch (Exception failure) when (failure is not NullReferenceException)
                {
                    return false;
                }
            },
            $"the ladder reaches {target}",
            TimeSpan.FromMinutes(4));
    }
}
