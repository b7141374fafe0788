using System.Text;
using FsCheck.Fluent;

namespace ScaleKit.Caching.Tests;

public sealed class InvalidationGroupsTests
{
    [Fact]
    public void Of_AnyNames_KeepsAllInTheirOrderAndEveryGroupWithinItsLimits() =>
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), lengths =>
        {
            string[] names = [.. lengths.Select((length, i) => new string(i % 2 == 0 ? 'k' : '\u00fc', 1 + (int)((uint)length * 977 % 16_384)))];

            var groups = InvalidationGroups.Of(names).ToList();

            return groups.SelectMany(g => g).SequenceEqual(names)
                && groups.TrueForAll(g => g.Length is > 0 and <= InvalidationGroups.MostNames && g.Sum(Encoding.UTF8.GetByteCount) + (4 * g.Length) <= InvalidationGroups.MostBytes);
        }));

    [Fact]
    public void Of_ManyShortNames_DividesThemByTheirNumber() =>
        Assert.Equal([256, 256, 88], InvalidationGroups.Of(Enumerable.Range(0, 600).Select(i => $"k{i}")).Select(g => g.Length));

    [Fact]
    public async Task RemoveAsync_ManyLongKeys_MakesSeveralRecords()
    {
        var bus = new InProcessInvalidationBus();
        await using var cache = Cached.New(bus: bus, configure: o => o.MaximumKeyLength = 10_000);

        await cache.RemoveAsync(Enumerable.Range(0, 20).Select(i => new string((char)('a' + i), 10_000)));

        var records = (await bus.ReadFromAsync("default", default)).Records;
        Assert.Equal([6, 6, 6, 2], records.Select(r => r.Invalidation.Keys.Count));
    }
}
