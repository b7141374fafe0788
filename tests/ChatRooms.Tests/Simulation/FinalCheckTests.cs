using Microsoft.Data.Sqlite;
using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ChatRooms.Tests;

/// <summary>The check is worth something only if it finds what is broken: each case breaks one promise after an honest run.</summary>
public sealed class FinalCheckTests : IAsyncLifetime
{
    private readonly ChatHost _host = new(people: 24, ("ScaleKit:Admission:RoomCapacity", "2"), ("ScaleKit:Admission:ActiveRooms", "4"));

    public async Task InitializeAsync()
    {
        await _host.InitializeAsync();
        var crowd = _host.Get<Crowd>();
        crowd.Start(_host.Server);
        await Eventually.HoldsAsync(() => _host.Get<RunChecker>().Messages.Count > 5, "people chat");
        _host.Get<MigrationControl>().TryStart();
        await Eventually.HoldsAsync(() => _host.Get<MigrationControl>().Read() is { Running: false, Phase: "F" }, "the messages are moved", TimeSpan.FromMinutes(2));
        await crowd.StopAsync();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Run_HonestRun_FindsNothingAndThenFindsEachBrokenPromise()
    {
        var honest = await CheckAsync();
        Assert.Empty(honest.Broken);
        Assert.Equal(honest.Messages, honest.HistoryRead);
        Assert.Equal((2, 4, 8), (honest.MaximumInRoom, honest.MaximumRooms, honest.MaximumTotal));
        Assert.Equal((0, 0), (honest.Lost, honest.Duplicated));

        var (file, key) = await AnyRowAsync();
        await ExecuteAsync(file, $"UPDATE messages SET value = replace(value, '\"text\":\"', '\"text\":\"not ') WHERE key = '{key}'");
        Assert.Equal(1, (await CheckAsync()).Lost);

        await ExecuteAsync(file, $"DELETE FROM messages WHERE key = '{key}'");
        var lost = await CheckAsync();
        Assert.Equal(1, lost.Lost);
        Assert.Contains($"message {key} is lost", lost.Broken);

        var (from, copied) = await AnyRowAsync();
        var other = _host.Folder.Shards.First(shard => shard != from);
        await ExecuteAsync(other, $"ATTACH '{from}' AS other; INSERT INTO messages SELECT * FROM other.messages WHERE key = '{copied}'");
        var twice = await CheckAsync();
        Assert.Equal(1, twice.Duplicated);
        Assert.Contains($"message {copied} lies on several shards", twice.Broken);
        Assert.Contains(twice.Broken, line => line.StartsWith($"the history of {MessageKey.RoomOf(copied)} shows", StringComparison.Ordinal));

        // The same post with a number of its own.
        var again = MessageKey.Of(MessageKey.RoomOf(copied), 900_000);
        await ExecuteAsync(from, $"CREATE TEMP TABLE again AS SELECT * FROM messages WHERE key = '{copied}'; UPDATE again SET key = '{again}'; INSERT INTO messages SELECT * FROM again");
        Assert.Contains((await CheckAsync()).Broken, line => line.StartsWith("one post was stored as", StringComparison.Ordinal) && line.Contains(again, StringComparison.Ordinal));

        var ledger = _host.Get<SeatLedger>();
        for (var number = 0; number < 3; number++)
            ledger.Enter("amber-fox");
        var crowded = await CheckAsync();
        Assert.Contains(crowded.Broken, line => line.StartsWith("3 people sat in one room", StringComparison.Ordinal));
        Assert.Contains(crowded.Broken, line => line.StartsWith("3 seats are still taken", StringComparison.Ordinal));

        var row = MessageKey.RoomOf(copied);
        var visit = _host.Get<RunChecker>().Begin(row, node: null, now: 1);
        visit.Numbers.Enqueue(MessageKey.NumberOf(copied) - 1);
        visit.Numbers.Enqueue(MessageKey.NumberOf(copied) + 1);
        Assert.Equal(1, (await CheckAsync()).Unseen);

        // Shown nothing at all, not even what that one said.
        _host.Get<RunChecker>().Begin(row, node: null, now: 1).Posted.Enqueue(MessageKey.NumberOf(copied));
        Assert.Equal(2, (await CheckAsync()).Unseen);

        var seat = await _host.Get<AdmissionQueue>().AdmitAsync(new AdmissionRequest("amber-fox", "somebody"));
        Assert.Contains("everybody has left, and the queue counts 1 seats and 0 in line", (await CheckAsync()).Broken);
        await seat.Lease!.DisposeAsync();

        for (var number = 0; number < 6; number++)
            _host.Get<RunChecker>().WasAccepted(Policies.Post, "somebody", 1, 2);
        Assert.Contains((await CheckAsync()).Broken, line => line.Contains("message/post let somebody", StringComparison.Ordinal));
    }

    private async Task<Verdict> CheckAsync()
    {
        _host.Get<RunChecker>().Broken.Clear();
        return await HeadlessRun.CheckAsync(_host.App, _host.Server, _ => { });
    }

    private async Task<(string File, string Key)> AnyRowAsync()
    {
        var row = (await StoredFiles.ReadAsync(_host.Folder.Shards))[0];
        return (_host.Folder.Shards.Single(shard => Path.GetFileNameWithoutExtension(shard) == row.Shard), row.Id);
    }

    private static async Task ExecuteAsync(string file, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
