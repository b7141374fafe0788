namespace ScaleKit.Redis.Tests;

public sealed class RedisOptionsTests
{
    public static TheoryData<Action<RedisOptions>, string> OutOfRange => new()
    {
        { o => o.KeyPrefix = "", nameof(RedisOptions.KeyPrefix) },
        { o => o.KeyPrefix = null!, nameof(RedisOptions.KeyPrefix) },
        { o => o.KeyPrefix = "a{b", nameof(RedisOptions.KeyPrefix) },
        { o => o.KeyPrefix = "a b", nameof(RedisOptions.KeyPrefix) },
        { o => o.KeyPrefix = new string('a', 65), nameof(RedisOptions.KeyPrefix) },
        { o => o.CallTimeout = TimeSpan.FromMilliseconds(9), nameof(RedisOptions.CallTimeout) },
        { o => o.CallTimeout = TimeSpan.FromSeconds(61), nameof(RedisOptions.CallTimeout) },
        { o => o.BreakerFailureRatio = 0, nameof(RedisOptions.BreakerFailureRatio) },
        { o => o.BreakerFailureRatio = 1.01, nameof(RedisOptions.BreakerFailureRatio) },
        { o => o.BreakerFailureRatio = double.NaN, nameof(RedisOptions.BreakerFailureRatio) },
        { o => o.BreakerMinimumCalls = 1, nameof(RedisOptions.BreakerMinimumCalls) },
        { o => o.BreakerWindow = TimeSpan.FromMilliseconds(499), nameof(RedisOptions.BreakerWindow) },
        { o => o.BreakerPause = TimeSpan.FromHours(2), nameof(RedisOptions.BreakerPause) },
        { o => o.SubscriptionQueueLimit = 0, nameof(RedisOptions.SubscriptionQueueLimit) },
        { o => o.SubscriptionCheckInterval = TimeSpan.Zero, nameof(RedisOptions.SubscriptionCheckInterval) },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Constructor_OutOfRange_NamesTheOption(Action<RedisOptions> spoil, string name)
    {
        var options = new RedisOptions { ConnectionString = "localhost" };
        spoil(options);

        var error = Assert.ThrowsAny<ArgumentException>(() => new RedisConnection(options));

        Assert.Equal(name, error.ParamName);
    }

    [Fact]
    public void Constructor_HostilePrefix_IsShownShortenedAndEscaped()
    {
        var options = new RedisOptions { ConnectionString = "localhost", KeyPrefix = "\u0007\ud800" + new string('x', 10_000) };

        var error = Assert.Throws<ArgumentException>(() => new RedisConnection(options));

        Assert.Contains("\\u0007\\uD800xxx", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 400);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("password=s3cret")]
    [InlineData("localhost,pass word=s3cret")]
    [InlineData("localhost,s3cret=1")]
    [InlineData("localhost,connectTimeout=s3cret")]
    [InlineData("localhost,abortConnect=s3cret")]
    public void Constructor_BadConnectionString_SaysSoWithoutTheSecret(string connectionString)
    {
        var error = Assert.Throws<ArgumentException>(() => new RedisConnection(new RedisOptions { ConnectionString = connectionString }));

        Assert.Equal("connectionString", error.ParamName);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_WithPassword_DoesNotShowIt()
    {
        var text = new RedisOptions { ConnectionString = "localhost,password=s3cret" }.ToString();

        Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        Assert.Contains("KeyPrefix=scalekit", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Constructor_OptionsChangedLater_KeepsItsCopy()
    {
        var options = new RedisOptions { ConnectionString = "localhost:6379", KeyPrefix = "before" };
        await using var connection = new RedisConnection(options);

        options.KeyPrefix = "after";

        Assert.StartsWith("before:", System.Text.Encoding.UTF8.GetString(connection.Names.Name("a", "b").ToBytes()), StringComparison.Ordinal);
    }
}
