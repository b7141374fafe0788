using ScaleKit.Migration;
using ScaleKit.Migration.Tests;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Migration;

/// <summary>The contract of every journal, on a real server.</summary>
public sealed class RedisJournalTests : MigrationJournalContract
{
    private RedisServer _server = null!;
    private RedisConnection _connection = null!;

    public override async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    protected override async Task<IMigrationJournal> CreateAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = await Connect.To(_server).ReadyAsync();
        return new RedisJournal(_connection);
    }
}
