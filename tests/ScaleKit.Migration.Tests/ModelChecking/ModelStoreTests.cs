namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>The double gives the answers of a store that passes the contract suite, on long random sequences of calls.</summary>
public sealed class ModelStoreTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task RandomCalls_SameAnswersAsTheInMemoryStore(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var real = new InMemoryStore<long, long>();
            var model = new ModelStore("model", Guard.None);
            for (var call = 0; call < 40; call++)
            {
                await CompareAsync(random, real, model);
                Assert.Equal(await real.ReadAsync(1), model.Row);
                Assert.False(model.VersionFell);
            }
        }
    }

    [Fact]
    public void Copy_ChangedAfterwards_LeavesTheFirstAlone()
    {
        var store = new ModelStore("model", Guard.None);
        store.Write(new(1, 5, 1) { Outbox = true });
        var (copy, hash) = (store.Copy(), store.Hash());
        Assert.Equal(hash, copy.Hash());

        copy.Write(new(1, 6, 1) { Outbox = true });
        copy.Fence(4);
        Assert.Equal(hash, store.Hash());
        Assert.NotEqual(hash, copy.Hash());
    }

    private static async Task CompareAsync(Random random, InMemoryStore<long, long> real, ModelStore model)
    {
        switch (random.Next(6))
        {
            case 0 or 1:
                var write = new SequencedWrite<long, long>(1, random.Next(9), random.Next(1, 4))
                {
                    IsDelete = random.Next(3) == 0,
                    Outbox = random.Next(2) == 0,
                    Expected = random.Next(4) switch { 0 => model.Row.Version, 1 => RowVersion.None, _ => null },
                    Floor = random.Next(4) == 0 ? new RowVersion(1, random.Next(20)) : default,
                };
                Assert.Equal(await real.WriteAsync(write), model.Write(write));
                break;
            case 2:
                var version = new RowVersion(random.Next(1, 4), random.Next(1, 12));
                var entry = new VersionedEntry<long, long>(1, random.Next(3) == 0 ? VersionedValue.Tombstone<long>(version) : VersionedValue.Live(7L, version));
                Assert.Equal(await real.ApplyIfNewerAsync(entry), model.Apply(entry));
                break;
            case 3:
                var epoch = random.Next(4);
                Assert.Equal(await real.FenceAsync(epoch), model.Fence(epoch));
                break;
            case 4:
                var debts = await real.PeekOutboxAsync(3);
                Assert.Equal(debts, model.Peek(3));
                var paid = debts.Where(_ => random.Next(2) == 0).ToList();
                await real.AcknowledgeOutboxAsync(paid);
                model.Acknowledge(paid);
                break;
            default:
                Assert.Equal((await real.GetOutboxStatusAsync()).Partitions, model.Status().Partitions);
                break;
        }
    }
}
