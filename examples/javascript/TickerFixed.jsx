import { useEffect, useState } from "react";

export function Ticker({ feed }) {
  const [price, setPrice] = useState(null);

  useEffect(() => {
    const timer = setInterval(() => setPrice(feed.latest()), 1000);
    const reconnect = () => feed.reconnect();
    window.addEventListener("online", reconnect);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", reconnect);
    };
  }, [feed]);

  return <output>{price}</output>;
}
