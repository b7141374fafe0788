using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

/// <summary>
/// The whole ladder and back in processes of their own: one writes, one walks the ladder (and copies, repairs, verifies). Both, and PostgreSQL, are killed with SIGKILL at random moments and started
/// again. A write that failed has an unknown outcome; everything else the book knows exactly.
/// </summary>
public sealed class KilledProcessesHistoryTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private const int SeedRows = 400;
    private const int KillsPerWay = 3;
    private readonly TestFiles _files = new();
    private readonly HistoryBook _book = new();
    private int _life;

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task ForwardAndBack_WriterCopierAndServerKilledAtRandomMoments_NothingLostDuplicatedOrResurrected(int seed, bool toPostgres)
    {
        var (folder, table) = (Path.GetDirectoryName(_files.PathOf("old"))!, postgres.NextTable());
        string[] place = [folder, table, toPostgres ? postgres.Server.ConnectionString : ""];
        await using (var first = new HistoryMigration(place[0], place[1], place[2]))
        {
            await first.Old.ApplyManyIfNewerAsync(
                [.. Enumerable.Range(0, SeedRows).Select(static i => new VersionedEntry<string, string>($"before/{i:D6}", VersionedValue.Live($"before {i}", new(1, 1))))]);
        }

        var random = new Random(seed);
        var writer = Writer(place, seed);
        try
        {
            foreach (var target in (MigrationPhase[])[MigrationPhase.NewOnly, MigrationPhase.OldOnly, MigrationPhase.NewSequencer])
            {
                writer = await WalkAsync(place, target, seed, random, writer, toPostgres);
            }
        }
        finally
        {
            await writer.KillAsync();
        }

        await using var last = new HistoryMigration(place[0], place[1], place[2]);
        await last.Repository.Repair.DrainAsync();
        foreach (var store in (IVersionedStore<string, string>[])[last.Old, last.New])
        {
            var page = await store.ScanAsync(new ScanRequest<string> { Limit = 10_000 });
            _book.Check(page.Entries.ToDictionary(static e => e.Key, static e => e.Value!));
            Assert.Equal(SeedRows, page.Entries.Count(static e => e.Key.StartsWith("before/", StringComparison.Ordinal)));
        }

        Assert.Equal(await last.Old.DigestAsync(default), await last.New.DigestAsync(default));
    }

    private async Task<Child> WalkAsync(string[] place, MigrationPhase target, int seed, Random random, Child writer, bool toPostgres)
    {
        var walker = new Child(["walk", .. place, $"{target}"], static _ => { });
        var kills = 0;
        try
        {
            while (true)
            {
                var moment = _book.Lines + random.Next(20, 200);
                await Eventually.HoldsAsync(() => walker.HasEnded || _book.Lines >= moment || _book.Anomaly is not null, "the writers go on", TimeSpan.FromMinutes(2));
                if (walker.HasEnded || _book.Anomaly is not null)
                {
                    Assert.Equal(0, await walker.KillAsync());
                    Assert.Null(_book.Anomaly);
                    return writer;
                }

                switch (kills++ < KillsPerWay ? random.Next(toPostgres ? 3 : 2) : -1)
                {
                    case 0:
                        await writer.KillAsync();
                        writer = Writer(place, seed);
                        break;
                    case 1:
                        await walker.KillAsync();
                        walker = new Child(["walk", .. place, $"{target}"], static _ => { });
                        break;
                    case 2:
                        await postgres.Server.RestartAsync();
                        break;
                }
            }
        }
        finally
        {
            await walker.KillAsync();
        }
    }

    private Child Writer(string[] place, int seed) => new(["write", .. place, $"{seed}", $"{++_life}"], _book.Read);

    /// <summary>A process of the test, whose lines are heard to the last.</summary>
    private sealed class Child
    {
        private readonly TalkingProgram _program;
        private readonly Task<int> _heard;
        private bool _disposed;

        public Child(IEnumerable<string> arguments, Action<string> listener)
        {
            _program = TalkingProgram.Start("ScaleKit.Migration.Tests", arguments);
            _heard = _program.HearAllAsync(listener);
        }

        public bool HasEnded => _heard.IsCompleted;

        /// <summary>Kills it unless it has ended; 0 when it ended well by itself.</summary>
        public async Task<int> KillAsync()
        {
            if (!_heard.IsCompleted)
            {
                _program.Kill();
            }

            var code = await _heard;
            if (!_disposed)
            {
                _disposed = true;
                await _program.DisposeAsync();
            }

            return code;
        }
    }
}
