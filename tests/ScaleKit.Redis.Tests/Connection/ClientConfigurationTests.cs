using System.Net;

namespace ScaleKit.Redis.Tests.Connection;

public sealed class ClientConfigurationTests
{
    [Theory]
    [InlineData("localhost", 6379, "localhost:6379")]
    [InlineData("localhost", 0, "localhost")]
    public void Describe_OfAName_ShowsThePortWhereItWasGiven(string host, int port, string expected) =>
        Assert.Equal(expected, ClientConfiguration.Describe(new DnsEndPoint(host, port)));

    [Theory]
    [InlineData(6379, "127.0.0.1:6379")]
    [InlineData(0, "127.0.0.1")]
    public void Describe_OfAnAddress_ShowsThePortWhereItWasGiven(int port, string expected) =>
        Assert.Equal(expected, ClientConfiguration.Describe(new IPEndPoint(IPAddress.Loopback, port)));
}
