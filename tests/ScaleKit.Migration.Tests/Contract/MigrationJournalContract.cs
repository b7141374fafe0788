using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

/// <summary>What every journal promises: compare and set, leases that end by its own clock, a log that only grows.</summary>
public abstract class MigrationJournalContract : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    private IMigrationJournal Journal { get; set; } = null!;

    public async Task InitializeAsync() => Journal = await CreateAsync();

    public virtual Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Document_CompareAndSet_OnlyTheExpectedRevisionIsReplaced()
    {
        Assert.Null(await Journal.ReadAsync("state"));
        Assert.True(await Journal.TryWriteAsync("state", 0, "first"));
        Assert.False(await Journal.TryWriteAsync("state", 0, "again"));
        Assert.False(await Journal.TryWriteAsync("state", 2, "too far"));
        Assert.True(await Journal.TryWriteAsync("state", 1, "second é😀 '; --"));
        Assert.False(await Journal.TryWriteAsync("state", 1, "late"));

        Assert.Equal(new JournalEntry("second é😀 '; --", 2), await Journal.ReadAsync("state"));
        Assert.Null(await Journal.ReadAsync("other"));
    }

    [Fact]
    public async Task Document_ManyWritersAtOnce_OneWinsEachRevision()
    {
        var won = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () => await Journal.TryWriteAsync("race", 0, $"{i}"))));

        Assert.Equal(1, won.Count(static w => w));
    }

    [Fact]
    public async Task Lease_TakenRenewedRemoved_AcknowledgementIsKept()
    {
        var first = await Journal.TakeLeaseAsync("fleet", "machine é/1", Long);
        var second = await Journal.TakeLeaseAsync("fleet", "machine/2", Long);
        Assert.True(second > first);
        Assert.True(await Journal.RenewLeaseAsync("fleet", second, 7, Long));

        Assert.Equal([new(first, "machine é/1", 0, HasEnded: false), new(second, "machine/2", 7, HasEnded: false)], await Journal.GetLeasesAsync("fleet"));
        Assert.Empty(await Journal.GetLeasesAsync("another fleet"));
        Assert.False(await Journal.RemoveLeaseAsync("fleet", first, onlyIfEnded: true));
        Assert.True(await Journal.RemoveLeaseAsync("fleet", first, onlyIfEnded: false));
        Assert.True(await Journal.RemoveLeaseAsync("fleet", first, onlyIfEnded: true));
        Assert.False(await Journal.RenewLeaseAsync("fleet", first, 8, Long));
        Assert.True(await Journal.TakeLeaseAsync("fleet", "machine/3", Long) > second);
    }

    [Fact]
    public async Task Lease_TimeIsOver_EndsButCanBeRenewedUntilItIsRemoved()
    {
        var number = await Journal.TakeLeaseAsync("fleet", "machine/1", Short);
        await Eventually.HoldsAsync(async () => (await Journal.GetLeasesAsync("fleet"))[0].HasEnded, "the lease ends");

        Assert.True(await Journal.RenewLeaseAsync("fleet", number, 1, Long));
        Assert.False((await Journal.GetLeasesAsync("fleet"))[0].HasEnded);
        Assert.False(await Journal.RemoveLeaseAsync("fleet", number, onlyIfEnded: true));
        Assert.True(await Journal.RenewLeaseAsync("fleet", number, 1, Short));
        await Eventually.HoldsAsync(async () => await Journal.RemoveLeaseAsync("fleet", number, onlyIfEnded: true), "the ended lease can be removed");
        Assert.Empty(await Journal.GetLeasesAsync("fleet"));
        Assert.False(await Journal.RenewLeaseAsync("fleet", number, 2, Long));
    }

    [Fact]
    public async Task Audit_Appended_ReadInOrderPageByPage()
    {
        for (var i = 1; i <= 5; i++)
        {
            await Journal.AppendAuditAsync("fleet", $"record {i} é: '; --");
        }

        await Journal.AppendAuditAsync("another fleet", "not here");
        var first = await Journal.ReadAuditAsync("fleet", after: 0, limit: 3);
        var rest = await Journal.ReadAuditAsync("fleet", first[^1].Number, limit: 100);

        Assert.Equal(Enumerable.Range(1, 5).Select(i => $"record {i} é: '; --"), first.Concat(rest).Select(static r => r.Text));
        Assert.Equal(3, first.Count);
        Assert.All(first.Concat(rest).Zip(first.Concat(rest).Skip(1)), static pair => Assert.True(pair.First.Number < pair.Second.Number && pair.First.At <= pair.Second.At));
        Assert.Empty(await Journal.ReadAuditAsync("nobody", after: 0, limit: 1));
    }

    [Fact]
    public async Task Calls_BadInput_Refused()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.ReadAsync(""));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.TryWriteAsync("n", -1, "t"));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.TakeLeaseAsync("f", "", Long));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.TakeLeaseAsync("f", "h", TimeSpan.Zero));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.ReadAuditAsync("f", after: 0, limit: 0));
    }

    protected abstract Task<IMigrationJournal> CreateAsync();
}
