namespace ScaleKit.Migration.Tests;

public sealed class SameValueTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("{\"a\":1,\"b\":[1,2]}", "{ \"b\": [1, 2], \"a\": 1.0 }", true)]
    [InlineData("{\"a\":1}", "{\"a\":2}", false)]
    [InlineData("[1,2]", "[2,1]", false)]
    [InlineData("1.10", "1.1", true)]
    [InlineData("no json", "no json", true)]
    [InlineData("no json", "{}", false)]
    public void Json_OrderAndNumbers_ComparedByMeaning(string left, string right, bool same) => Assert.Equal(same, SameValue.Json(left, right));

    [Fact]
    public void Time_WithinThePrecision_Same()
    {
        var same = SameValue.Time(TimeSpan.FromMicroseconds(1));

        Assert.True(same(Noon.AddTicks(7), Noon));
        Assert.True(same(Noon, Noon.ToOffset(TimeSpan.FromHours(2))));
        Assert.False(same(Noon, Noon.AddMicroseconds(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => SameValue.Time(TimeSpan.Zero));
    }

    [Fact]
    public void All_EachPart_ByItsOwnAnswer()
    {
        var same = SameValue.All(
            SameValue.Of((Order order) => order.At, SameValue.Time(TimeSpan.FromMilliseconds(1))),
            SameValue.Of((Order order) => order.Price),
            SameValue.Of((Order order) => order.Details, SameValue.Json));
        var order = new Order(Noon, 1.50m, "{\"a\":1,\"b\":2}");

        Assert.True(same(order, new Order(Noon.AddTicks(5), 1.5m, "{\"b\":2,\"a\":1}")));
        Assert.False(same(order, order with { Price = 1.51m }));
        Assert.False(same(order, order with { At = Noon.AddSeconds(1) }));
    }

    private sealed record Order(DateTimeOffset At, decimal Price, string Details);
}
