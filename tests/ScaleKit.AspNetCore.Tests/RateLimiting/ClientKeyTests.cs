using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using ScaleKit.RateLimiting;

namespace ScaleKit.AspNetCore.Tests;

public sealed class ClientKeyTests
{
    [Theory]
    [InlineData("192.0.2.7", "address:192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "address:192.0.2.7")]
    [InlineData("2001:db8:1:2::5", "address:20010DB800010002/64")]
    [InlineData("2001:db8:1:2:ffff::9", "address:20010DB800010002/64")]
    [InlineData("2001:db8:1:3::5", "address:20010DB800010003/64")]
    [InlineData(null, "address:(none)")]
    public void UserOrAddress_Nameless_IsTheAddressOrItsNetwork(string? address, string expected)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        Assert.Equal(expected, ClientKey.UserOrAddress(context));
    }

    [Fact]
    public void UserOrAddress_Authenticated_IsTheUser()
    {
        var context = new DefaultHttpContext { User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "address:x")], "test")) };
        Assert.Equal("user:address:x", ClientKey.UserOrAddress(context));
    }

    [Fact]
    public void UserOrAddress_NameWithoutAuthentication_IsNotBelieved()
    {
        var context = new DefaultHttpContext { User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "root")])) };
        Assert.Equal("address:(none)", ClientKey.UserOrAddress(context));
    }

    [Fact]
    public void Bounded_HostileKeys_AreShortAndStayApart()
    {
        var policy = new RateLimitPolicy("p", 1, TimeSpan.FromSeconds(1));
        string[] keys = ["", "a", new('a', 256), new('a', 257), new('a', 100_000), new('\uD800', 300), new('\uDFFF', 300), "\0\r\n"];
        var bounded = keys.Select(ClientKey.Bounded).ToList();
        Assert.Equal(keys.Length, bounded.Distinct(StringComparer.Ordinal).Count());
        Assert.All(bounded, key => _ = new RateLimitCharge(policy, key));
    }
}
