namespace ScaleKit.Sharding.Tests;

public sealed class ShardTests
{
    [Fact]
    public void Constructor_Defaults_WeightOneNoZoneNoRegion()
    {
        var shard = new Shard<string>("eu-shard-1", "Data Source=1.db");

        Assert.Equal(("eu-shard-1", "Data Source=1.db", 1.0), (shard.Id, shard.Payload, shard.Weight));
        Assert.Null(shard.Zone);
        Assert.Null(shard.Region);
        Assert.Equal("eu-shard-1", shard.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\nbreak")]
    [InlineData("шард")]
    [InlineData("\ud800")]
    public void Constructor_BadName_ThrowsWithArgumentAndEscapedValue(string bad)
    {
        var id = Assert.Throws<ArgumentException>(() => new Shard<int>(bad, 0));
        var zone = Assert.Throws<ArgumentException>(() => new Shard<int>("a", 0, zone: bad));
        var region = Assert.Throws<ArgumentException>(() => new Shard<int>("a", 0, region: bad));

        Assert.Equal(("id", "zone", "region"), (id.ParamName, zone.ParamName, region.ParamName));
        Assert.All(id.Message, c => Assert.InRange(c, ' ', '~'));
    }

    [Fact]
    public void Constructor_HugeName_ThrowsWithShortenedValue()
    {
        var error = Assert.Throws<ArgumentException>(() => new Shard<int>(new string('x', 100_000), 0));

        Assert.Contains("100000", error.Message);
        Assert.InRange(error.Message.Length, 1, 200);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(1_000_001)]
    [InlineData(0.0009)]
    public void Constructor_BadWeight_Throws(double weight)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new Shard<int>("a", 0, weight));

        Assert.Equal("weight", error.ParamName);
        Assert.Contains("'a'", error.Message);
    }

    [Theory]
    [InlineData(Shard<int>.MinimumWeight)]
    [InlineData(Shard<int>.MaximumWeight)]
    public void Constructor_WeightAtTheBounds_IsTaken(double weight) => Assert.Equal(weight, new Shard<int>("a", 0, weight).Weight);
}
