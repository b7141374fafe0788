using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.Caching.Tests;

public sealed class VersionTableTests
{
    [Fact]
    public void Find_AnyHistory_IsExactOrCoveredByTheFloor()
    {
        // What decides is max(found, floor): it must never be below the name's last invalidation, or a void value would count as valid.
        var histories = Gen.Choose(0, 40).ArrayOf().ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(300), Prop.ForAll(histories, names =>
        {
            var table = new VersionTable(capacity: 16);
            var exact = new Dictionary<string, long>();
            for (var i = 0; i < names.Length; i++)
            {
                table.Advance($"n{names[i]}", i + 1);
                exact[$"n{names[i]}"] = i + 1;
            }

            return table.Entries().Count() <= 16
                && exact.All(e => table.Find(e.Key) == e.Value || (table.Find(e.Key) < e.Value && table.Floor >= e.Value))
                && (exact.Count > 8 || table.Floor == 0);
        }));
    }

    [Fact]
    public void Advance_OlderSequence_ChangesNothing()
    {
        var table = new VersionTable(16);
        table.Advance("a", 5);
        table.Advance("a", 3);

        Assert.Equal(5, table.Find("a"));
        Assert.Equal(0, table.Find("b"));
    }

    [Fact]
    public void Advance_LongNames_ForgetsTheOldestByBytesAndRaisesTheFloor()
    {
        var table = new VersionTable(capacity: 1_000_000);
        var length = VersionTable.PageBytes / sizeof(char) / 4;
        for (var i = 1; i <= 20; i++)
            table.Advance(new string((char)('a' + i), length), i);

        Assert.InRange(table.Entries().Sum(e => 2L * e.Key.Length), 1, 2 * VersionTable.PageBytes);
        Assert.InRange(table.Floor, 11, 16);
        Assert.Equal(20, table.Find(new string((char)('a' + 20), length)));
    }
}
