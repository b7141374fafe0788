using System.Buffers;
using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

/// <summary>What every shared store with versions and leases must do: each rule is one step of a race that would otherwise bring an old value back.</summary>
public abstract class SharedStoreContract
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private readonly string _key = "c:" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);

    protected abstract Task<ISharedStore> CreateAsync();

    [Fact]
    public async Task LeaseAsync_ColdKey_IsGrantedToOneAndHeldForTheOthersUntilTheFill()
    {
        var store = await CreateAsync();
        Assert.Null(await ReadAsync(store));
        var (one, two) = (At(5), At(5));

        Assert.Equal(FillLeaseState.Granted, (await LeaseAsync(store, one)).State);
        Assert.Equal(FillLeaseState.Granted, (await LeaseAsync(store, one)).State);
        Assert.Equal(FillLeaseState.Held, (await LeaseAsync(store, two)).State);
        Assert.False(await store.FillAsync(_key, two, Bytes(2), Long));
        Assert.True(await store.FillAsync(_key, one, Bytes(1), Long));

        Assert.Equal(1, await ReadAsync(store));
        var answer = await LeaseAsync(store, two);
        Assert.Equal((FillLeaseState.Found, 1), (answer.State, answer.Value));
        Assert.False(await store.FillAsync(_key, one, Bytes(3), Long));
    }

    [Fact]
    public async Task ReadManyAsync_SomeKeysMissing_AnswersInTheirOrderAsReadAsyncDoes()
    {
        var store = await CreateAsync();
        string[] keys = [_key + "none", _key, _key + "second"];
        await SetAsync(store, At(5), 1);
        var other = At(5);
        await store.ClaimAsync(keys[2], other, Long);
        await store.SetAsync(keys[2], other, Bytes(2), Long);
        ArrayBufferWriter<byte>[] targets = [new(), new(), new()];

        var readings = await store.ReadManyAsync(keys, targets);

        Assert.Equal([default, new SharedReading(IsFound: true, await IdAsync(store)), new SharedReading(IsFound: true, other.Token)], readings);
        Assert.Equal([[], [1, 0, 1], [2, 0, 2]], targets.Select(t => t.WrittenSpan.ToArray()));
        Assert.Empty(await store.ReadManyAsync([], []));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.ReadManyAsync(keys, [new ArrayBufferWriter<byte>()]));
    }

    [Fact]
    public async Task LeaseAsync_ValueJudgedUseless_IsGrantedForThatValueOnly()
    {
        var store = await CreateAsync();
        await SetAsync(store, At(5), 1);
        var first = await IdAsync(store);

        Assert.Equal(FillLeaseState.Found, (await LeaseAsync(store, At(6))).State);
        var ticket = At(6);
        Assert.Equal(FillLeaseState.Granted, (await LeaseAsync(store, ticket, first)).State);
        Assert.True(await store.FillAsync(_key, ticket, Bytes(2), Long));

        Assert.Equal(FillLeaseState.Found, (await LeaseAsync(store, At(6), first)).State);
        Assert.Equal(FillLeaseState.Granted, (await LeaseAsync(store, At(6), SharedReading.Any)).State);
    }

    [Fact]
    public async Task FillAsync_KeyRevokedMeanwhile_IsRefusedAndANewerLeaseIsNot()
    {
        var store = await CreateAsync();
        var (old, current) = (At(5), At(6));
        await LeaseAsync(store, old);
        await store.RevokeAsync(_key, At(6).Position);

        Assert.Equal(FillLeaseState.Granted, (await LeaseAsync(store, current)).State);
        await store.RevokeAsync(_key, At(6).Position);

        Assert.False(await store.FillAsync(_key, old, Bytes(1), Long));
        Assert.True(await store.FillAsync(_key, current, Bytes(2), Long));
        Assert.Equal(2, await ReadAsync(store));
    }

    [Fact]
    public async Task FillAsync_ValueThatWasFoundUseless_IsReplacedWhateverItsVersion()
    {
        var store = await CreateAsync();
        await SetAsync(store, At(9), 1);
        var (first, second) = (At(5), At(5));
        await LeaseAsync(store, first, await IdAsync(store));

        Assert.True(await store.FillAsync(_key, first, Bytes(2), Long));
        await SetAsync(store, At(9), 3);
        await LeaseAsync(store, second, useless: 77);
        Assert.False(await store.FillAsync(_key, second, Bytes(4), Long));
        Assert.Equal(3, await ReadAsync(store));
    }

    [Fact]
    public async Task FillAsync_KeySetMeanwhile_IsRefused()
    {
        var store = await CreateAsync();
        var fill = At(5);
        await LeaseAsync(store, fill);
        await SetAsync(store, At(6), 2);

        Assert.False(await store.FillAsync(_key, fill, Bytes(1), Long));
        Assert.Equal(2, await ReadAsync(store));
    }

    [Fact]
    public async Task FillAsync_LeaseForced_TheFormerHolderIsRefused()
    {
        var store = await CreateAsync();
        var (first, second) = (At(5), At(5));
        await LeaseAsync(store, first);
        Assert.Equal(FillLeaseState.Granted, (await LeaseAsync(store, second, SharedReading.Any)).State);

        Assert.False(await store.FillAsync(_key, first, Bytes(1), Long));
        Assert.True(await store.FillAsync(_key, second, Bytes(2), Long));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SetAsync_TwoWriters_TheLaterVersionStaysWhoeverWritesLast(bool laterFirst)
    {
        var store = await CreateAsync();
        var (earlier, later) = (At(6), At(7));
        await store.ClaimAsync(_key, later, Long);
        await store.ClaimAsync(_key, earlier, Long);

        if (laterFirst)
        {
            Assert.True(await store.SetAsync(_key, later, Bytes(7), Long));
            Assert.False(await store.SetAsync(_key, earlier, Bytes(6), Long));
        }
        else
        {
            Assert.True(await store.SetAsync(_key, earlier, Bytes(6), Long));
            Assert.True(await store.SetAsync(_key, later, Bytes(7), Long));
        }

        Assert.Equal(7, await ReadAsync(store));
    }

    [Fact]
    public async Task SetAsync_LaterVersionRevokedMeanwhile_IsRefused()
    {
        // The set's record came first, then a removal's; the removal has returned, and only now the set writes.
        var store = await CreateAsync();
        var set = At(6);
        await store.ClaimAsync(_key, set, Long);
        await store.RevokeAsync(_key, At(7).Position);

        Assert.False(await store.SetAsync(_key, set, Bytes(6), Long));
        Assert.Null(await ReadAsync(store));
    }

    [Fact]
    public async Task SetAsync_EarlierVersionRevokedMeanwhile_IsTaken()
    {
        var store = await CreateAsync();
        var set = At(7);
        await store.ClaimAsync(_key, set, Long);
        await store.RevokeAsync(_key, At(6).Position);

        Assert.True(await store.SetAsync(_key, set, Bytes(7), Long));
        await store.RevokeAsync(_key, At(6).Position);
        Assert.Equal(7, await ReadAsync(store));
    }

    [Fact]
    public async Task SetAsync_WithoutAClaim_VoidsButDoesNotStore()
    {
        // A claim that ran out: what was revoked since is not known any more.
        var store = await CreateAsync();
        await SetAsync(store, At(5), 5);

        Assert.False(await store.SetAsync(_key, At(6), Bytes(6), Long));
        Assert.Null(await ReadAsync(store));
    }

    [Fact]
    public async Task SetAsync_LaterEpoch_IsLaterWhateverTheSequence()
    {
        var store = await CreateAsync();
        await SetAsync(store, new FillTicket(11, new(2, 1)), 2);

        await SetAsync(store, new FillTicket(12, new(1, 900)), 1);

        Assert.Equal(2, await ReadAsync(store));
        await store.RevokeAsync(_key, new(1, 999));
        Assert.Equal(2, await ReadAsync(store));
        await store.RevokeAsync(_key, new(2, 2));
        Assert.Null(await ReadAsync(store));
    }

    [Fact]
    public async Task RevokeAsync_LargeNumbers_CompareExactly()
    {
        var store = await CreateAsync();
        await SetAsync(store, new FillTicket(1, new(long.MaxValue - 1, (1L << 60) + 1)), 1);

        await store.RevokeAsync(_key, new(long.MaxValue - 1, (1L << 60) + 1));
        Assert.Equal(1, await ReadAsync(store));
        await store.RevokeAsync(_key, new(long.MaxValue - 1, (1L << 60) + 2));
        Assert.Null(await ReadAsync(store));
    }

    [Fact]
    public async Task ReleaseAsync_HolderGivesUp_TheNextOneIsGrantedAtOnce()
    {
        var store = await CreateAsync();
        var (first, second) = (At(5), At(5));
        await LeaseAsync(store, first);
        await store.ReleaseAsync(_key, second);
        Assert.Equal(FillLeaseState.Held, (await LeaseAsync(store, second)).State);

        await store.ReleaseAsync(_key, first);

        Assert.Equal(FillLeaseState.Granted, (await LeaseAsync(store, second)).State);
        Assert.False(await store.FillAsync(_key, first, Bytes(1), Long));
    }

    [Theory]
    [InlineData("fill")]
    [InlineData("release")]
    [InlineData("revoke")]
    public async Task WaitAsync_TheLeaseEnds_EndsToo(string how)
    {
        var store = await CreateAsync();
        await store.WaitAsync(_key, TimeSpan.FromMilliseconds(1));

        // More than once, because a word that is said before the wait stands is lost; the wait itself would last for minutes.
        await Eventually.HoldsAsync(
            async () =>
            {
                var holder = At(5);
                await LeaseAsync(store, holder, SharedReading.Any);
                await LeaseAsync(store, At(5), useless: await IdAsync(store));
                var waiting = store.WaitAsync(_key, Long);
                await (how switch
                {
                    "fill" => store.FillAsync(_key, holder, Bytes(1), Long).AsTask(),
                    "release" => store.ReleaseAsync(_key, holder).AsTask(),
                    _ => store.RevokeAsync(_key, At(6).Position).AsTask(),
                });
                return await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System)) == waiting;
            },
            "the waiter is woken");
    }

    [Fact]
    public async Task LeaseAsync_HolderIsSilent_PassesOnAfterItsTime()
    {
        var store = await CreateAsync();
        var (dead, next) = (At(5), At(5));
        Assert.Equal(FillLeaseState.Granted, (await LeaseAsync(store, dead, duration: TimeSpan.FromMilliseconds(60))).State);

        await Eventually.HoldsAsync(async () => (await LeaseAsync(store, next)).State == FillLeaseState.Granted, "the lease passes on");

        Assert.False(await store.RenewAsync(_key, dead, Long));
        Assert.False(await store.FillAsync(_key, dead, Bytes(1), Long));
        Assert.True(await store.FillAsync(_key, next, Bytes(2), Long));
    }

    [Fact]
    public async Task RenewAsync_Holder_KeepsTheLease()
    {
        var store = await CreateAsync();
        var holder = At(5);
        await LeaseAsync(store, holder, duration: TimeSpan.FromMinutes(1));
        Assert.True(await store.RenewAsync(_key, holder, Long));

        Assert.False(await store.RenewAsync(_key, At(5), Long));
        Assert.Equal(FillLeaseState.Held, (await LeaseAsync(store, At(5))).State);
        Assert.True(await store.FillAsync(_key, holder, Bytes(1), Long));
        Assert.False(await store.RenewAsync(_key, holder, Long));
    }

    [Fact]
    public async Task FillAsync_Lifetime_EndsTheValue()
    {
        var store = await CreateAsync();
        var ticket = At(5);
        await LeaseAsync(store, ticket);
        await store.FillAsync(_key, ticket, Bytes(1), TimeSpan.FromMilliseconds(1));

        await Eventually.HoldsAsync(async () => await ReadAsync(store) is null, "the value expires");
    }

    private static FillTicket At(long sequence) => FillTicket.New(new InvalidationPosition(1_900_000_000_000_000, sequence));

    private static byte[] Bytes(byte value) => [value, 0, value];

    private async Task SetAsync(ISharedStore store, FillTicket ticket, byte value)
    {
        await store.ClaimAsync(_key, ticket, Long);
        await store.SetAsync(_key, ticket, Bytes(value), Long);
    }

    private async Task<int?> ReadAsync(ISharedStore store)
    {
        var target = new ArrayBufferWriter<byte>();
        return (await store.ReadAsync(_key, target)).IsFound ? ValueIn(target) : null;
    }

    private async Task<long> IdAsync(ISharedStore store) => (await store.ReadAsync(_key, new ArrayBufferWriter<byte>())).Id;

    private async Task<(FillLeaseState State, int? Value)> LeaseAsync(ISharedStore store, FillTicket ticket, long useless = 0, TimeSpan? duration = null)
    {
        var target = new ArrayBufferWriter<byte>();
        var answer = await store.LeaseAsync(_key, ticket, useless, duration ?? Long, target);
        return (answer.State, answer.State == FillLeaseState.Found ? ValueIn(target) : null);
    }

    private static int ValueIn(ArrayBufferWriter<byte> target)
    {
        Assert.Equal(3, target.WrittenCount);
        Assert.Equal(target.WrittenSpan[0], target.WrittenSpan[2]);
        return target.WrittenSpan[0];
    }
}
